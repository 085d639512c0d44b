/**
 * Cost of one event, CPU µs over edge and core, as one thing grows and everything else stays: rows of the table, ids that
 * the dedupe index knows, users, models, organisations. Traffic comes at a fixed rate, so that every size does the same
 * work in inserts of the same length. Each line carries the ratio to the smallest size.
 */
import { appendEvents } from './append-events.ts'
import { prepareDays } from './cached-data.ts'
import type { BenchOptions } from './options.ts'
import { type Bench, load, loadPlan, openBench, until } from './product.ts'
import { makeEmptyIndex, untilQuiet } from './queries.ts'
import { fillDays, today } from './query-data.ts'
import { type Figure, figure, generatorCost } from './report.ts'
import { median, round } from './statistics.ts'
import { watchProcesses } from './watch-processes.ts'

const POLL_MS = 200
const WARM_UP_MS = 2000
/** Of 100 events; well below what the product can do, so that no backlog changes the length of inserts. */
const REQUESTS_PER_SECOND = 200
/** Up to today, so that new rows go where many are. */
const DAYS_OF_ROWS = 30
const FILLED_DAYS = 10
/** Within it, and before the days that the start compares with the rollups. */
const INDEXED_DAYS_AGO = 15

interface Cost {
  readonly edge: number
  readonly core: number
  readonly details: Readonly<Record<string, unknown>>
}

export async function* benchScale(options: BenchOptions): AsyncGenerator<Figure> {
  const { scale } = options
  yield* grow('raw rows in the table', scale.rows, (rows) => byHttp(options, largeTable(options, rows)))
  yield* grow('ids in the dedupe index', scale.ids, (ids) => byHttp(options, knownIds(ids)))
  yield* grow('users', scale.users, (users) => byHttp({ ...options, users }, null))
  yield* grow('models', scale.models, (models) => byHttp({ ...options, models }, null))
  yield* grow('organisations', scale.orgs, (orgs) => byLog(options, orgs))
}

async function* grow(
  what: string,
  sizes: readonly number[],
  measure: (size: number) => Promise<Cost>,
): AsyncGenerator<Figure> {
  let smallest: number | null = null
  for (const size of sizes) {
    const { edge, core, details } = await measure(size)
    smallest ??= edge + core
    yield figure(`cost of an event with ${size} ${what}`, edge + core, 'CPU µs/event', null, {
      ratioToSmallest: round((edge + core) / smallest),
      edge: round(edge),
      core: round(core),
      ...details,
    })
  }
}

type Fill = (bench: Bench) => Promise<unknown>

/** The rows of `queries`, kept in the cache folder, and an index that knows none of their ids: the table is larger and nothing else. */
function largeTable({ cacheDir }: BenchOptions, rows: number): Fill {
  return async (bench) => {
    await makeEmptyIndex(bench)
    return await prepareDays(cacheDir, bench.dataDir, Math.ceil(rows / DAYS_OF_ROWS), DAYS_OF_ROWS)
  }
}

function knownIds(ids: number): Fill {
  const rowsPerDay = Math.ceil(ids / FILLED_DAYS)
  return ({ dataDir }) => fillDays(dataDir, { firstDay: today() - INDEXED_DAYS_AGO, days: FILLED_DAYS, rowsPerDay })
}

async function byHttp(options: BenchOptions, fill: Fill | null): Promise<Cost> {
  const bench = await openBench()
  try {
    await fill?.(bench)
    const started = performance.now()
    const core = await bench.start('core')
    await untilQuiet(core.pid)
    const readySeconds = round((performance.now() - started) / 1000)
    const edge = await bench.start('edge')
    const plan = loadPlan(bench.edgePort, options, {
      durationMs: options.scale.seconds * 1000,
      ratePerSecond: REQUESTS_PER_SECOND,
    })
    await sendAndSee(bench, { ...plan, durationMs: WARM_UP_MS })
    const turns: { edge: number; core: number; generator: object; dropped: number }[] = []
    for (let r = 0; r < options.repeats; r++) {
      const watch = watchProcesses({ edge: edge.pid, core: core.pid })
      const sent = await sendAndSee(bench, plan)
      const { cpuSeconds } = watch.stop()
      const each = (name: string) => ((cpuSeconds[name] ?? 0) * 1e6) / sent.accepted
      const generator = generatorCost([sent], sent.accepted)
      turns.push({ edge: each('edge'), core: each('core'), generator, dropped: sent.dropped })
    }
    const details = {
      repeats: turns.map((t) => round(t.edge + t.core)),
      eventsPerSecond: REQUESTS_PER_SECOND * plan.batch,
      readySeconds,
      dropped: turns.map((t) => t.dropped),
      generator: turns[0]?.generator,
    }
    return { edge: median(turns.map((t) => t.edge)), core: median(turns.map((t) => t.core)), details }
  } finally {
    await bench.end()
  }
}

async function sendAndSee(bench: Bench, plan: Parameters<typeof load>[0]) {
  const before = await bench.visible()
  const sent = await load(plan)
  await until(async () => (await bench.visible()) >= before + sent.accepted, POLL_MS)
  return sent
}

/** In local mode HTTP takes one organisation only, so these events are appended to the log as an edge would have. */
async function byLog(options: BenchOptions, orgs: number): Promise<Cost> {
  const bench = await openBench()
  try {
    const core = await bench.start('core')
    await untilQuiet(core.pid)
    const turns: number[] = []
    const { events, orgs: sizes } = options.scale
    // The same users whatever the number of organisations, so that rollups have as many rows.
    const users = Math.max(options.users, ...sizes)
    for (let r = 0; r <= options.repeats; r++) {
      const before = await bench.visible()
      const watch = watchProcesses({ core: core.pid })
      const span = { fromMs: Date.now() - 60_000, spanMs: 60_000, activeShare: 1 }
      await appendEvents(bench.dataDir, { events, orgs, users, models: options.models, ...span })
      await until(async () => (await bench.visible()) >= before + events, POLL_MS)
      const { cpuSeconds } = watch.stop()
      // The first turn warms up.
      if (r > 0) turns.push(((cpuSeconds['core'] ?? 0) * 1e6) / events)
    }
    return { edge: 0, core: median(turns), details: { repeats: turns.map(round), events, users } }
  } finally {
    await bench.end()
  }
}
