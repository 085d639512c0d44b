import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Who holds a lock, precise enough that neither a recycled pid nor a restart of the machine is taken for the holder. */
export interface ProcessIdentity {
  readonly pid: number
  /** Start of the process in the system's own words; '' when it can't be told. */
  readonly startedAt: string
  /** Changes with every start of the machine; '' when it can't be told. */
  readonly bootId: string
  /** Pids are only comparable inside one namespace (a container has its own); '' where there are none. */
  readonly pidNamespace: string
  readonly host: string
}

export function ownIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    startedAt: processStart(process.pid) ?? '',
    bootId: readBootId(),
    pidNamespace: readPidNamespace(),
    host: hostname(),
  }
}

/**
 * 'alive' or 'dead' when it can be told from here; 'unknown' for a process of another container or machine.
 */
export function lookUp(other: ProcessIdentity, self: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  if (other.host === self.host && other.bootId !== '' && self.bootId !== '' && other.bootId !== self.bootId) {
    return 'dead'
  }
  if (other.bootId !== self.bootId || other.pidNamespace !== self.pidNamespace) return 'unknown'
  if (self.pidNamespace === '' && other.host !== self.host) return 'unknown'
  const startedAt = processStart(other.pid)
  if (startedAt === null) return 'dead'
  return other.startedAt === '' || startedAt === '' || startedAt === other.startedAt ? 'alive' : 'dead'
}

/** Null when there is no such process (a zombie counts as none); '' when it is there but its start can't be read. */
export function processStart(pid: number): string | null {
  if (!Number.isInteger(pid) || pid <= 0) return null
  if (process.platform === 'linux') return linuxProcessStart(pid)
  if (!pidExists(pid)) return null
  try {
    // The same words whatever the time zone and language of whoever asks.
    const env = { ...process.env, TZ: 'UTC', LC_ALL: 'C' }
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 5_000, env })
    return text.trim()
  } catch {
    return pidExists(pid) ? '' : null
  }
}

function linuxProcessStart(pid: number): string | null {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return pidExists(pid) ? '' : null
  }
  // "pid (name) state ppid ..."; the name may hold blanks and brackets, so fields are counted behind the last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const state = fields[0]
  if (state === 'Z' || state === 'X' || state === 'x') return null
  return fields[19] ?? ''
}

export function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it is there and belongs to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function readBootId(): string {
  try {
    if (process.platform === 'linux') return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    if (process.platform === 'darwin') {
      return execFileSync('sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8', timeout: 5_000 }).trim()
    }
  } catch {
    // Without it the pid and its start decide.
  }
  return ''
}

function readPidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}
