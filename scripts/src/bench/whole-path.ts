/**
 * From HTTP to a queryable window, with validation, deduplication and enrichment on; an oracle over ids and sums judges
 * every run at its end. Undisturbed, and with `kill -9` of the core or of the edge in the middle.
 */
import type { Child } from '../start/child.ts'
import { addSent } from './load/load-plan.ts'
import type { BenchOptions } from './options.ts'
import { requireExactlyOnce } from './oracle.ts'
import { type Bench, load, loadPlan, openBench, pause, until } from './product.ts'
import { type Figure, figure, generatorCost } from './report.ts'
import { round } from './statistics.ts'
import { type ProcessCost, watchProcesses } from './watch-processes.ts'

const POLL_MS = 500
const WARM_UP_MS = 2000

export interface Run {
  readonly events: number
  /** From the first request until the last event could be queried. */
  readonly elapsedSeconds: number
  readonly cost: ProcessCost
  readonly details: Readonly<Record<string, unknown>>
}

export async function* benchWholePath(options: BenchOptions): AsyncGenerator<Figure> {
  const { events, elapsedSeconds, cost, details } = await wholePath(options, await openEmbedded(), null)
  const cpu = sum(Object.values(cost.cpuSeconds))
  yield figure('whole path, HTTP to visible in usage_1m', events / elapsedSeconds, 'events/s', 100_000, details)
  yield figure('whole path per CPU-second of all processes', events / cpu, 'events per CPU-second', 60_000, details)
  const most = Object.values(cost.mostMemory).map((m) => m.resident)
  yield figure('most resident memory under load, edge and core', sum(most), 'MB', null, { megabytes: cost.mostMemory })
}

export async function* benchWholePathKills(options: BenchOptions): AsyncGenerator<Figure> {
  for (const victim of ['core', 'edge'] as const) {
    const { events, elapsedSeconds, details } = await wholePath(options, await openEmbedded(), victim)
    yield figure(
      `whole path, kill -9 of the ${victim} in the middle`,
      events / elapsedSeconds,
      'events/s',
      null,
      details,
    )
  }
}

/** The product and everything whose CPU time counts as its own. */
export interface Stage {
  readonly bench: Bench
  readonly parts: { readonly core: Child; readonly edge: Child }
  /** Present process of each. */
  readonly pids: Readonly<Record<string, () => number>>
  end(): Promise<void>
}

async function openEmbedded(): Promise<Stage> {
  const bench = await openBench()
  const parts = { core: await bench.start('core'), edge: await bench.start('edge') }
  return { bench, parts, pids: { edge: parts.edge.pid, core: parts.core.pid }, end: () => bench.end() }
}

/** Ends the stage. @throws Error when the oracle finds a fault, or nothing more comes */
export async function wholePath(
  options: Pick<BenchOptions, 'seconds' | 'users' | 'models' | 'ids'>,
  { bench, parts, pids, end }: Stage,
  victim: 'core' | 'edge' | null,
): Promise<Run> {
  try {
    const plan = loadPlan(bench.edgePort, options, { retry: victim !== null })
    const warmUp = await load({ ...plan, durationMs: WARM_UP_MS })
    await until(async () => (await bench.visible()) >= warmUp.accepted, POLL_MS)

    const watch = watchProcesses(pids)
    const sending = load({ ...plan, durationMs: options.seconds * 1000 })
    if (victim !== null) await killInTheMiddle(parts[victim], options.seconds * 1000, () => void watch.look())
    const sent = await sending
    const sentMs = performance.now()
    const all = addSent([warmUp, sent])
    await untilVisible(bench, all.accepted)
    const behindSeconds = (performance.now() - sentMs) / 1000
    // By the generator's own clock: the start of its process is not the product's.
    const elapsedSeconds = sent.elapsedMs / 1000 + behindSeconds
    const cost = watch.stop()
    const details = {
      oracle: await requireExactlyOnce(bench, all),
      events: sent.accepted,
      seconds: options.seconds,
      elapsedSeconds: round(elapsedSeconds),
      caughtUpAfterSeconds: round(behindSeconds),
      batch: plan.batch,
      users: options.users,
      models: options.models,
      ids: options.ids,
      refused: sent.refused,
      retries: sent.retries,
      ackLatencyMs: sent.latency,
      cpuSeconds: cost.cpuSeconds,
      generator: generatorCost([sent], sent.accepted),
    }
    return { events: sent.accepted, elapsedSeconds, cost, details }
  } finally {
    await end()
  }
}

/** The bench's supervisor starts it again, as that of `npm start` does. */
async function killInTheMiddle(part: Child, durationMs: number, beforeKill: () => void): Promise<void> {
  await pause(durationMs / 2)
  beforeKill()
  process.kill(part.pid(), 'SIGKILL')
}

/** @throws Error when nothing more comes and events are still missing */
async function untilVisible(bench: Bench, wanted: number): Promise<void> {
  let most = 0
  let movedMs = performance.now()
  await until(async () => {
    const visible = await bench.visible()
    if (visible > most) {
      most = visible
      movedMs = performance.now()
    }
    if (performance.now() - movedMs > STUCK_MS) throw new Error(`whole path: ${most} of ${wanted} events are visible`)
    return visible >= wanted
  }, POLL_MS)
}
const STUCK_MS = 120_000

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
