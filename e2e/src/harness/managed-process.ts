/**
 * A child process of a test: its output is kept, its end is awaited, and it never outlives the test, nor do its own
 * children (it leads a process group, which is killed with it at the end of the run).
 *
 * States: running -> exited, once. `exited` resolves at the end and never rejects.
 */
import { type ChildProcess, spawn } from 'node:child_process'

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ManagedProcess {
  readonly name: string
  readonly pid: number
  readonly exited: Promise<Exit>
  /** Null while it runs. */
  exit(): Exit | null
  /** Everything written to stdout and stderr so far, in the order it came. */
  output(): string
  /** To this one process; false when it is gone already. */
  signal(signal: NodeJS.Signals): boolean
  /** kill -9 of this one process, and waits until the system has taken it away. */
  kill(): Promise<Exit>
  /** kill -9 of this process and all that it started and that stayed in its group. */
  killGroup(): Promise<void>
}

export interface SpawnOptions {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

const running = new Set<ChildProcess>()
const killAllGroups = (): void => {
  for (const child of running) killGroupOf(child.pid)
}
process.once('exit', killAllGroups)
// A test run that is itself cut off: its processes must not stay behind.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.once(signal, () => {
    killAllGroups()
    process.exit(1)
  })
process.once('disconnect', killAllGroups)

/** @throws Error when the process can't be started */
export async function startProcess(options: SpawnOptions): Promise<ManagedProcess> {
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (cause) => reject(new Error(`start ${options.name}: ${cause.message}`, { cause })))
  })
  running.add(child)
  const chunks: string[] = []
  child.stdout?.setEncoding('utf8').on('data', (text: string) => chunks.push(text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => chunks.push(text))
  let ended: Exit | null = null
  // 'exit', not 'close': a grandchild that keeps the pipes open must not hide the death of its parent.
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = { code, signal }
      running.delete(child)
      resolve(ended)
    })
  })
  const pid = child.pid
  if (pid === undefined) throw new Error(`start ${options.name}: no process id`)
  return {
    name: options.name,
    pid,
    exited,
    exit: () => ended,
    output: () => chunks.join(''),
    signal: (signal) => ended === null && child.kill(signal),
    kill: async () => {
      child.kill('SIGKILL')
      return await exited
    },
    killGroup: async () => {
      killGroupOf(pid)
      await exited
    },
  }
}

function killGroupOf(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // ESRCH: the group is empty, which is what we want.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
