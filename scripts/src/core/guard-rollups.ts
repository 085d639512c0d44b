/**
 * Keeps rollups equal to the raw rows: the last days are compared behind every start and every few hours, each time once
 * the loader is quiet; what differs is rebuilt. While a partition recovers or is refused, work on the rollups would wait
 * for that one and keep all the others from loading.
 */
import { type ClickHouse, compareRollups, rebuildRollups } from '@ecomind/clickhouse'
import type { Loader } from '@ecomind/stream-jobs'
import type { Logger } from 'pino'
import { Gauge, type Registry } from 'prom-client'

const DAY_MS = 86_400_000
const EVERY_MS = 6 * 3_600_000
const LOOK_MS = 1_000
/** Behind a check that failed. */
const AGAIN_MS = 300_000
/** Days back from today that each check looks at: late events reach older days too, but rarely. */
const DAYS_BACK = 2

export interface GuardDeps {
  readonly clickhouse: ClickHouse
  readonly loader: Pick<Loader, 'whileLoadingPaused' | 'isQuiet'>
  readonly logger: Logger
  readonly registry: Registry
}

/** For a redo that can't trust its token any more; loading is paused by the caller. */
export async function repairDays(clickhouse: ClickHouse, days: readonly number[], logger: Logger): Promise<void> {
  for (const day of await stillDiffering(clickhouse, days)) {
    const range = { fromDay: day, toDay: day }
    const report = await rebuildRollups(clickhouse, { ...range, whileLoadingPaused: (work) => work() })
    if (report.rebuilt.length > 0)
      logger.warn({ ...range, rebuilt: report.rebuilt }, 'rollups were rebuilt after a redo')
    if (report.remaining.length > 0)
      throw new Error(`repair the rollups of ${range.fromDay}: they still differ from the raw rows`)
  }
}

/** In one question: while loading is paused, days of which another job just had a batch under way must not cost one each. */
async function stillDiffering(clickhouse: ClickHouse, days: readonly number[]): Promise<readonly string[]> {
  const asked = days.map(isoDay).sort()
  const [fromDay, toDay] = [asked[0], asked.at(-1)]
  if (fromDay === undefined || toDay === undefined) return []
  const differences = await compareRollups(clickhouse, { fromDay, toDay })
  const found = new Set(differences.map(({ day }) => day))
  return asked.filter((day) => found.has(day))
}

/** Returns a function that stops it and waits for a check under way. */
export function guardRollups({ clickhouse, loader, logger, registry }: GuardDeps): () => Promise<void> {
  const remaining = new Gauge({
    name: 'ecomind_rollup_differences',
    help: 'Days and organisations whose rollups differ from the raw rows after the last check and rebuild',
    registers: [registry],
  })
  const check = async () => {
    const today = Math.floor(Date.now() / DAY_MS)
    const report = await rebuildRollups(clickhouse, {
      fromDay: isoDay(today - DAYS_BACK),
      toDay: isoDay(today + 1),
      whileLoadingPaused: loader.whileLoadingPaused,
    })
    remaining.set(report.remaining.length)
    if (report.differences.length === 0) return
    const days = [...new Set(report.differences.map((d) => d.day))]
    logger.error(
      { days, rebuilt: report.rebuilt, remaining: report.remaining.length },
      'rollups differed and were rebuilt',
    )
  }
  let running: Promise<void> = Promise.resolve()
  let dueAtMs = 0
  const look = setInterval(() => {
    if (Date.now() < dueAtMs || !loader.isQuiet()) return
    dueAtMs = Date.now() + EVERY_MS
    running = running.then(check).catch((error: unknown) => {
      dueAtMs = Date.now() + AGAIN_MS
      logger.warn({ err: error }, 'rollups could not be checked; tried again later')
    })
  }, LOOK_MS)
  return async () => {
    clearInterval(look)
    await running
  }
}

function isoDay(epochDay: number): string {
  return new Date(epochDay * DAY_MS).toISOString().slice(0, 10)
}
