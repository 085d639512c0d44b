/** Builds the page when its sources have changed since the last build; the stamp is a hash over them. */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { hashFiles } from './hash-files.ts'

const SOURCES = ['ui/src', 'ui/index.html', 'ui/public', 'ui/vite.config.ts', 'schemas/src', 'package-lock.json']
const STAMP = 'ui/dist/.sources'

/** True when a build was needed. @throws Error with the end of the build's output */
export async function buildPage(root: string): Promise<boolean> {
  const hash = hashSources(root)
  const stamp = join(root, STAMP)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return false
  await run(root)
  writeFileSync(stamp, hash)
  return true
}

function hashSources(root: string): string {
  const files = SOURCES.map((source) => join(root, source))
    .filter((path) => existsSync(path))
    .flatMap(listFiles)
  return hashFiles(
    root,
    files.map((file) => relative(root, file)),
  )
}

function listFiles(path: string): string[] {
  try {
    const entries = readdirSync(path, { withFileTypes: true, recursive: true })
    return entries
      .filter((e) => e.isFile())
      .map((e) => join(e.parentPath, e.name))
      .sort()
  } catch {
    return [path]
  }
}

function run(root: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const vite = join(root, 'node_modules/vite/bin/vite.js')
    const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: join(root, 'ui') })
    let output = ''
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4000)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.once('error', reject)
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`build the page: vite ended with ${code}\n${output}`)),
    )
  })
}
