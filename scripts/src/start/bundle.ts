/**
 * One plain JavaScript file for each process of the product, made from its TypeScript when a source has changed. Reading
 * some 500 modules one by one costs three seconds of a start, and a thread that compiles them (decision
 * 2026-11-26-bundled-processes). Packages stay where they are: only our own code is in the file.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { BuildResult, Plugin } from 'esbuild'

/** How Node runs a bundle: stack traces name the TypeScript. */
export const BUNDLE_FLAGS = ['--enable-source-maps'] as const
const SELF = fileURLToPath(import.meta.url)

const ENTRIES = { core: 'scripts/src/core/main.ts', edge: 'ingest-edge/src/main.ts' } as const
const FOLDER = '.cache/processes'

export type ProcessName = keyof typeof ENTRIES

interface Stamp {
  readonly hash: string
  /** What went into the bundles, relative to the root. */
  readonly inputs: readonly string[]
}

/** Where Node finds each process after `bundleProcesses`. */
export function bundleOf(root: string, name: ProcessName): string {
  return join(root, FOLDER, `${name}.mjs`)
}

/**
 * Makes the bundles when one of their inputs has changed; true when it did. A half-written one is never used: the stamp
 * goes first and comes back last.
 * @throws Error with what the bundler says
 */
export async function bundleProcesses(root: string): Promise<boolean> {
  const stampFile = join(root, FOLDER, 'inputs.json')
  const stamp = readStamp(stampFile)
  const areThere = (Object.keys(ENTRIES) as ProcessName[]).every((name) => existsSync(bundleOf(root, name)))
  if (areThere && stamp !== null && hashInputs(root, stamp.inputs) === stamp.hash) return false
  const { outputFiles, metafile } = await build(root)
  const inputs = [...Object.keys(metafile.inputs), relative(root, SELF)].sort()
  rmSync(stampFile, { force: true })
  mkdirSync(join(root, FOLDER), { recursive: true })
  for (const { path, contents } of outputFiles) replace(path, contents)
  replace(stampFile, JSON.stringify({ hash: hashInputs(root, inputs), inputs } satisfies Stamp))
  return true
}

async function build(root: string): Promise<BuildResult<{ write: false; metafile: true }>> {
  // Read when it is needed: it is a process of its own.
  const esbuild = await import('esbuild')
  try {
    return await esbuild.build({
      absWorkingDir: root,
      entryPoints: ENTRIES,
      outdir: FOLDER,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: 'linked',
      sourcesContent: false,
      metafile: true,
      write: false,
      logLevel: 'silent',
      plugins: [packagesStayOutside, filesKnowWhereTheyStand],
    })
  } finally {
    await esbuild.stop()
  }
}

const packagesStayOutside: Plugin = {
  name: 'packages stay outside',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^[^./]/ }, ({ kind, path }) =>
      kind === 'entry-point' || path.startsWith('@ecomind/') ? undefined : { path, external: true },
    ),
}

/** Data beside a source (`new URL('./migrations/', import.meta.url)`) is found from the bundle, too. */
const filesKnowWhereTheyStand: Plugin = {
  name: 'files know where they stand',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      if (!text.includes('import.meta.')) return undefined
      const contents = text
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
      return { contents, loader: 'ts' }
    }),
}

/** The place counts, too: a bundle holds it. A file that is gone counts as changed. */
function hashInputs(root: string, inputs: readonly string[]): string {
  const hash = createHash('sha256').update(root)
  for (const input of inputs) {
    const path = join(root, input)
    hash.update(`\0${input}\0`).update(existsSync(path) ? readFileSync(path) : 'gone')
  }
  return hash.digest('hex')
}

function readStamp(file: string): Stamp | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Stamp
  } catch {
    return null
  }
}

/** Two starts at once make the same bundle; neither sees half of the other's. */
function replace(file: string, contents: string | Uint8Array): void {
  const aside = join(dirname(file), `.${basename(file)}.${process.pid}`)
  writeFileSync(aside, contents)
  renameSync(aside, file)
}
