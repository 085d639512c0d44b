/**
 * One plain JavaScript file for each process of the product, made from its TypeScript when a source has changed. Reading
 * some 500 modules one by one costs three seconds of a start, and a thread that compiles them (decision
 * 2026-11-26-bundled-processes). Packages stay where they are: only our own code is in the file.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { BuildResult, Plugin } from 'esbuild'
import { hashFiles } from './hash-files.ts'

/** How Node runs a bundle: stack traces name the TypeScript. */
export const BUNDLE_FLAGS = ['--enable-source-maps'] as const
const SELF = fileURLToPath(import.meta.url)

/** Their sources, from the root. */
export const ENTRIES = { core: 'scripts/src/core/main.ts', edge: 'ingest-edge/src/main.ts' } as const
const FOLDER = '.cache/processes'

export type ProcessName = keyof typeof ENTRIES

interface Stamp {
  /** Over the place and all of `files`. */
  readonly hash: string
  /** What went into the bundles and what came out, relative to the root. */
  readonly files: readonly string[]
}

/** Where Node finds each process after `bundleProcesses`. */
export function bundleOf(root: string, name: ProcessName): string {
  return join(root, FOLDER, `${name}.mjs`)
}

let making: Promise<boolean> = Promise.resolve(false)

/**
 * Makes the bundles when one of their inputs has changed; true when it did. Callers in one process wait for each other.
 * @throws Error with what the bundler says, or that the folder can't be written
 */
export function bundleProcesses(root: string): Promise<boolean> {
  making = making.catch(() => false).then(() => makeWhereStale(root))
  return making
}

/** A half-written bundle is never used: the stamp goes first and comes back last. */
async function makeWhereStale(root: string): Promise<boolean> {
  const stampFile = join(root, FOLDER, 'stamp.json')
  const stamp = readStamp(stampFile)
  if (stamp !== null && hashFiles(root, stamp.files) === stamp.hash) return false
  // Clocks of file systems are finer than this one.
  const startedMs = Date.now() + 1
  const { outputFiles, metafile } = await build(root)
  try {
    mkdirSync(join(root, FOLDER), { recursive: true })
    rmSync(stampFile, { force: true })
    for (const { path, contents } of outputFiles) replace(path, contents)
    const inputs = [...Object.keys(metafile.inputs), relative(root, SELF), ...settingsOf(root)]
    // Edited while it was read: the next start makes it again.
    if (inputs.some((input) => changedMs(join(root, input)) >= startedMs)) return true
    const files = [...inputs, ...outputFiles.map(({ path }) => relative(root, path))].sort()
    replace(stampFile, JSON.stringify({ hash: hashFiles(root, files), files } satisfies Stamp))
  } catch (error) {
    throw new Error(
      `bundle core and edge: ${(error as Error).message}; run npm start once as somebody who may write ${FOLDER}`,
    )
  }
  return true
}

/** What decides how sources are read and found, besides the sources. */
function settingsOf(root: string): readonly string[] {
  const packages = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(name, 'package.json'))
  return ['package.json', 'package-lock.json', 'tsconfig.json', ...packages].filter((file) =>
    existsSync(join(root, file)),
  )
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
        .replaceAll('import.meta.url', () => JSON.stringify(pathToFileURL(path).href))
        .replaceAll('import.meta.dirname', () => JSON.stringify(dirname(path)))
      return { contents, loader: 'ts' }
    }),
}

const changedMs = (path: string): number =>
  statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY

function readStamp(file: string): Stamp | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Stamp
  } catch {
    return null
  }
}

/** Two starts at once make the same bundle; neither sees half of the other's. */
function replace(file: string, contents: string | Uint8Array): void {
  const aside = `${file}.${randomUUID()}`
  try {
    writeFileSync(aside, contents)
    renameSync(aside, file)
  } finally {
    rmSync(aside, { force: true })
  }
}
