import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A script of this folder in a process of its own, for tests that kill it. */
export interface RunningProcess {
  readonly pid: number
  /** Every whole line it printed so far. */
  readonly lines: readonly string[]
  /** Resolves when it has printed this many lines; rejects when it ended before. */
  hasPrinted(count: number): Promise<void>
  kill(signal: NodeJS.Signals): void
  /** Exit code, or the signal that ended it; all output has arrived. */
  readonly ended: Promise<number | NodeJS.Signals>
  readonly complaints: () => string
}

export interface RunOptions {
  /** No file may grow beyond this; a write that would is refused as on a full disk. */
  readonly fileLimitKib?: number
}

export function runProcess(script: string, args: readonly string[], options: RunOptions = {}): RunningProcess {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const command = [process.execPath, '--import', 'tsx', path, ...args]
  const limit = options.fileLimitKib
  const child = spawn(
    'bash',
    ['-c', `${limit === undefined ? '' : `ulimit -f ${limit}; trap '' XFSZ; `}exec "$@"`, 'bash', ...command],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const lines: string[] = []
  const complaints: string[] = []
  collectLines(child, lines)
  child.stderr?.on('data', (chunk: Buffer) => complaints.push(chunk.toString()))
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
  return {
    pid: child.pid ?? 0,
    lines,
    ended,
    complaints: () => complaints.join(''),
    kill: (signal) => child.kill(signal),
    hasPrinted: async (count) => {
      let over = false
      const end = ended.then(() => {
        over = true
      })
      while (lines.length < count) {
        if (over) throw new Error(`${script} ended after ${lines.length} lines: ${complaints.join('')}`)
        await Promise.race([once(child.stdout ?? child, 'data'), end])
      }
    },
  }
}

function collectLines(child: ChildProcess, lines: string[]): void {
  let rest = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
  })
}
