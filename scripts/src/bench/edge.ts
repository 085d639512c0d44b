/**
 * The edge alone, durable answers on the embedded log: single events and batches of 100, each in turns with a bare echo
 * of the same bodies, so that a change of the machine hits both; then the latency at half load.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { measureBareFlush } from './bare-flush.ts'
import { freePort } from './free-ports.ts'
import type { LoadPlan, LoadResult } from './load/load-plan.ts'
import type { BenchOptions } from './options.ts'
import { cpuSeconds } from './process-cost.ts'
import { type Bench, load, loadPlan, openBench, ROOT, until } from './product.ts'
import { type Figure, figure, generatorCost } from './report.ts'
import { median, medianPercentiles, type Percentiles } from './statistics.ts'

const ECHO = fileURLToPath(new URL('./bare-echo.ts', import.meta.url))
const WARM_UP_MS = 2000
const SHAPES = {
  single: { batch: 1, connections: 128 },
  batch: { batch: 100, connections: 32 },
} as const
type Shape = keyof typeof SHAPES

interface Turn {
  readonly result: LoadResult
  readonly events: number
  readonly cpuSeconds: number
}

export async function* benchEdge(options: BenchOptions): AsyncGenerator<Figure> {
  const bench = await openBench()
  const echo = await startEcho()
  try {
    const edge = await bench.start('edge')
    const turn = async (target: 'edge' | 'echo', shape: Shape, durationMs: number): Promise<Turn> => {
      const [pid, port] = target === 'edge' ? [edge.pid(), bench.edgePort] : [echo.pid, echo.port]
      return await measure(pid, loadPlan(port, options, { ...SHAPES[shape], durationMs }))
    }
    const turns: Record<Shape, Record<'edge' | 'echo', Turn[]>> = {
      single: { edge: [], echo: [] },
      batch: { edge: [], echo: [] },
    }
    const order = (['single', 'batch'] as const).flatMap((shape) =>
      (['echo', 'edge'] as const).map((target) => [shape, target] as const),
    )
    for (const [shape, target] of order) await turn(target, shape, WARM_UP_MS)
    for (let r = 0; r < options.repeats; r++)
      for (const [shape, target] of order)
        turns[shape][target].push(await turn(target, shape, options.shortSeconds * 1000))

    yield* ratesOf('single-event requests, durable ack', 'requests per edge CPU-second', 40_000, 0.6, turns.single)
    yield* ratesOf('batches of 100, durable ack', 'events per edge CPU-second', 350_000, null, turns.batch)
    const perSecond = median(turns.single.edge.map((t) => (t.events * 1000) / t.result.elapsedMs))
    yield await latencyAtHalfLoad(bench, options, Math.floor(perSecond / 2))
  } finally {
    echo.kill()
    await bench.end()
  }
}

async function measure(pid: number, plan: LoadPlan): Promise<Turn> {
  const before = cpuSeconds(pid)
  const result = await load(plan)
  return { result, events: result.requests * plan.batch, cpuSeconds: cpuSeconds(pid) - before }
}

function* ratesOf(
  name: string,
  unit: string,
  target: number,
  ofEcho: number | null,
  turns: Readonly<Record<'edge' | 'echo', readonly Turn[]>>,
): Generator<Figure> {
  const rate = (t: Turn) => t.events / t.cpuSeconds
  const results = turns.edge.map((t) => t.result)
  const events = turns.edge.reduce((sum, t) => sum + t.events, 0)
  const ratios = turns.edge.map((t, i) => rate(t) / rate(turns.echo[i] ?? t))
  yield figure(name, median(turns.edge.map(rate)), unit, target, {
    repeats: turns.edge.map((t) => Math.round(rate(t))),
    perSecond: Math.round(median(turns.edge.map((t) => (t.events * 1000) / t.result.elapsedMs))),
    refused: results.map((r) => r.refused).filter((r) => Object.keys(r).length > 0),
    latencyMs: medianPercentiles(results.map((r) => r.latency)),
    edgeCpuSeconds: turns.edge.map((t) => t.cpuSeconds),
    generator: generatorCost(results, events),
  })
  yield figure(`${name}, against a bare echo in the same run`, median(ratios), 'ratio', ofEcho, {
    repeats: ratios,
    echoPerCpuSecond: turns.echo.map((t) => Math.round(rate(t))),
    echoCpuSeconds: turns.echo.map((t) => t.cpuSeconds),
  })
}

async function latencyAtHalfLoad(bench: Bench, options: BenchOptions, ratePerSecond: number): Promise<Figure> {
  const durationMs = options.shortSeconds * 1000
  const plan = loadPlan(bench.edgePort, options, { ...SHAPES.single, durationMs, ratePerSecond })
  const runs: LoadResult[] = []
  const flushes: Percentiles[] = []
  for (let r = 0; r < options.repeats; r++) {
    runs.push(await load(plan))
    flushes.push(await measureBareFlush(bench.dataDir, durationMs))
  }
  const latency = medianPercentiles(runs.map((r) => r.latency))
  const events = runs.reduce((sum, r) => sum + r.requests, 0)
  return figure('ack latency p99 at half load', latency.p99, 'ms', 30, {
    ratePerSecond,
    repeats: runs.map((r) => r.latency.p99),
    dropped: runs.map((r) => r.dropped),
    latencyMs: latency,
    bareFlushMs: medianPercentiles(flushes),
    sentLateMs: medianPercentiles(runs.map((r) => r.sentLate)),
    generator: generatorCost(runs, events),
  })
}

async function startEcho(): Promise<{ readonly pid: number; readonly port: number; kill(): void }> {
  const port = await freePort()
  const child = spawn(process.execPath, ['--import', 'tsx', ECHO, String(port)], { cwd: ROOT, stdio: 'inherit' })
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/health`).then(
      (r) => r.ok,
      () => false,
    )
  await until(answers, 50)
  return { pid: child.pid ?? 0, port, kill: () => void child.kill('SIGKILL') }
}
