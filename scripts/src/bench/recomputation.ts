/** A recomputation of many stored events: time and memory undisturbed, then the same killed on the way, row for row equal. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchOptions } from './options.ts'
import { checksums, makeEvents } from './recomputation-data.ts'
import { type Figure, figure } from './report.ts'

const PROCESS = fileURLToPath(new URL('./recomputation-process.ts', import.meta.url))
const KILLS = 5

interface Try {
  readonly killed: boolean
  readonly seconds: number
  readonly chunks: number
  readonly maxRssMb: number
  readonly cpuSeconds: number
}

export async function* benchRecomputation({ recomputationEvents: events }: BenchOptions): AsyncGenerator<Figure> {
  const dir = await mkdtemp(join(tmpdir(), 'ecomind-bench-'))
  try {
    const [whole, killed] = [join(dir, 'whole'), join(dir, 'killed')]
    await makeEvents(whole, events)
    await cp(whole, killed, { recursive: true })
    const undisturbed = await recompute(whole, 0)
    const details = { events, chunks: undisturbed.chunks }
    yield figure('recomputation, events per second', events / undisturbed.seconds, 'events/s', 100_000, {
      ...details,
      seconds: undisturbed.seconds,
      cpuSeconds: undisturbed.cpuSeconds,
      loadAverage: loadavg(),
    })
    yield figure('recomputation, most resident memory', undisturbed.maxRssMb, 'MB', 2000, details)
    const everyMs = (undisturbed.seconds * 1000) / (KILLS + 2)
    const died: number[] = []
    let last = await recompute(killed, everyMs)
    while (last.killed && died.push(last.seconds) < KILLS) last = await recompute(killed, everyMs)
    if (last.killed) last = await recompute(killed, 0)
    const [wanted, got] = [await checksums(whole), await checksums(killed)]
    if (wanted.join() !== got.join())
      throw new Error(`recomputation: ${got.join()} after kills, ${wanted.join()} wanted`)
    const total = died.reduce((sum, s) => sum + s, last.seconds)
    yield figure(`recomputation killed ${died.length} times, seconds`, total, 's', undisturbed.seconds * 3, {
      ...details,
      loadAverage: loadavg(),
      equalRows: wanted,
    })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function recompute(dir: string, killAfterMs: number): Promise<Try> {
  const started = performance.now()
  const args = ['--import', 'tsx', PROCESS, dir, String(Math.round(killAfterMs))]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>
  let text = ''
  for await (const chunk of child.stdout) text += String(chunk)
  const [code, signal] = await ended
  const seconds = (performance.now() - started) / 1000
  if (signal === 'SIGKILL') return { killed: true, seconds, chunks: 0, maxRssMb: 0, cpuSeconds: 0 }
  if (code !== 0) throw new Error(`recomputation: the process ended with ${code}: ${text}`)
  return { killed: false, seconds, ...(JSON.parse(text) as Omit<Try, 'killed' | 'seconds'>) }
}
