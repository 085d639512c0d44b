/**
 * Guards package-lock.json; `--fix` mends it. No download addresses, and an entry for every optional platform package:
 * npm leaves out those that the registry at hand lacks, and `npm ci` then refuses the lock ("Missing: … from lock file").
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

interface LockEntry {
  version?: string
  resolved?: string
  optional?: boolean
  dev?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}
type Packages = Record<string, LockEntry>

const PATH = fileURLToPath(new URL('../../../package-lock.json', import.meta.url))
const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/

/** Words in the names of platform packages, as npm spells the platform. */
const OS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
] as const
const CPU = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'] as const

function platformOf(name: string): LockEntry {
  const words = name.split(/[^a-z0-9]+/)
  const os = OS.filter((w) => words.includes(w))
  const cpu = CPU.filter((w) => words.includes(w))
  const musl = words.some((w) => w.startsWith('musl'))
  const gnu = words.some((w) => w.startsWith('gnu'))
  return {
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(musl || gnu ? { libc: [musl ? 'musl' : 'glibc'] } : {}),
    ...(os.length > 0 ? { os } : {}),
  }
}

/** Where Node would find `name` from the package at `from`. */
function isLocked(packages: Packages, from: string, name: string): boolean {
  for (let at = from; ; at = at.slice(0, Math.max(at.lastIndexOf('/node_modules/'), 0))) {
    if (packages[`${at}${at === '' ? '' : '/'}node_modules/${name}`]?.version !== undefined) return true
    if (at === '') return false
  }
}

function mend(packages: Packages): string[] {
  const faults: string[] = []
  let looked = 0
  for (const [path, entry] of Object.entries(packages)) {
    if (entry.resolved?.startsWith('http')) {
      faults.push(`${path} records a download address`)
      delete entry.resolved
    }
    // Bundled processes (scripts/src/start/bundle.ts) find packages in the root's folder only.
    if (/^[^/]+\/node_modules\//.test(path) && !path.startsWith('node_modules/') && entry.dev !== true)
      faults.push(`${path} is nested in a workspace; bring the versions together`)
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      looked++
      if (isLocked(packages, path, name)) continue
      faults.push(`${name}@${version} of ${path} is missing`)
      if (EXACT.test(version)) packages[`node_modules/${name}`] = { version, optional: true, ...platformOf(name) }
    }
  }
  if (looked === 0) faults.push('no optional dependency was looked at: this check sees nothing')
  return faults
}

const lock = JSON.parse(readFileSync(PATH, 'utf8')) as { packages: Packages }
const faults = mend(lock.packages)
if (faults.length > 0 && process.argv.includes('--fix')) {
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(PATH, `${JSON.stringify(lock, null, 2)}\n`)
  process.stdout.write(`package-lock.json: mended ${faults.length} fault(s)\n`)
} else if (faults.length > 0) {
  process.stderr.write(`package-lock.json: ${faults.length} fault(s)\n  ${faults.join('\n  ')}\n`)
  process.stderr.write('Mend it: node --import tsx scripts/src/ci/check-lock.ts --fix\n')
  process.exitCode = 1
}
