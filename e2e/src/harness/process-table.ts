/** Finding processes by what they work on; Linux, macOS and whatever has a POSIX `ps`. */
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The living children of a process (zombies excluded). */
export async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,stat='])
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, state]) => Number(parent) === pid && state !== undefined && !state.startsWith('Z'))
    .map(([child]) => Number(child))
}

/** Living processes that were started with this setting in their environment; finds orphans too. Needs /proc. */
export async function processesWithSetting(key: string, value: string): Promise<number[]> {
  const entries = await readdir('/proc').catch(() => [] as string[])
  const wanted = `${key}=${value}`
  const found: number[] = []
  for (const entry of entries) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue
    // A process that ended between the two calls, or one of another user, is none of ours.
    const environment = await readFile(`/proc/${entry}/environ`, 'utf8').catch(() => '')
    if (environment.split('\0').includes(wanted)) found.push(Number(entry))
  }
  return found
}

/** The script a process runs, as a path, or null; Linux only. */
export async function commandOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return text.split('\0').join(' ').trim()
}
