/** CPU seconds and memory of processes, from /proc (Linux) or ps (macOS). */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** Clock ticks a second in /proc; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100
const HAS_PROC = existsSync('/proc/self/stat')

export function cpuSeconds(pid: number): number {
  if (!HAS_PROC) return psSeconds(pid)
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** Megabytes. What is not anonymous are files that the system can drop: the mapped log and index, program code. */
export interface Memory {
  readonly resident: number
  readonly anonymous: number
  readonly file: number
  /** The most that was ever resident. */
  readonly peak: number
}

export function memoryOf(pid: number): Memory {
  if (!HAS_PROC) {
    const resident = Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)]).toString()) / 1000
    return { resident, anonymous: 0, file: 0, peak: resident }
  }
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const megabytes = (key: string) => {
    const kilobytes = new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]
    return Math.round((Number(kilobytes ?? 0) * 1024) / 1e5) / 10
  }
  const file = Math.round((megabytes('RssFile') + megabytes('RssShmem')) * 10) / 10
  return { resident: megabytes('VmRSS'), anonymous: megabytes('RssAnon'), file, peak: megabytes('VmHWM') }
}

/** Megabytes, with pages that processes share divided among them; 0 where the system does not tell. */
export function proportionalMegabytes(pid: number): number {
  if (!HAS_PROC) return 0
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
  return Math.round((Number(kilobytes ?? 0) * 1024) / 1e5) / 10
}

export interface ListedProcess {
  readonly pid: number
  readonly command: string
}

/** The process and all that descend from it. Linux only: elsewhere the process alone. */
export function processTree(root: number): ListedProcess[] {
  if (!HAS_PROC) return [{ pid: root, command: '' }]
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => describe(Number(name)))
  const tree: ListedProcess[] = []
  const visit = (pid: number) => {
    tree.push(...all.filter((p) => p.pid === pid))
    for (const child of all) if (child.parent === pid) visit(child.pid)
  }
  visit(root)
  return tree
}

function describe(pid: number): (ListedProcess & { readonly parent: number })[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    return [{ pid, parent, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() }]
  } catch {
    return []
  }
}

function psSeconds(pid: number): number {
  const time = execFileSync('ps', ['-o', 'time=', '-p', String(pid)])
    .toString()
    .trim()
  return time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
}
