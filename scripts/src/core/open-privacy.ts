/** Erasures and retention of the core: a connection of their own, the loader's pause, the log's ends. */
import { type ClickHouse, type ClickHouseTarget, openClickHouse } from '@ecomind/clickhouse'
import type { EventLog } from '@ecomind/event-log'
import { LOADER_GROUP } from '@ecomind/schemas'
import { type Database, Erasures, enforceRetention, type LogEnds, type RunningFactors } from '@ecomind/serving-api'
import type { Loader } from '@ecomind/stream-jobs'
import type { Logger } from 'pino'

export interface PrivacyParts {
  readonly target: ClickHouseTarget
  readonly loader: Pick<Loader, 'whileLoadingPaused' | 'isQuiet' | 'health'>
  readonly log: Pick<EventLog, 'stats' | 'generation'>
  readonly database: Database
  readonly factors: RunningFactors
  /** Days for which the loader honours an event id. */
  readonly dedupeDays: number
  readonly version: string
  readonly logger: Logger
}

const DAY_MS = 86_400_000
/** Of the embedded log, after a record was loaded. On Kafka the topic's own retention counts. */
const LOG_KEPT_DAYS = 7
const LOOK_MS = 60_000
/** Behind a run that failed. */
const AGAIN_MS = 900_000
/** The index is made anew from whole days of arrival, and clocks differ. */
const IDS_DAYS_MORE = 3

/** Carries on with what an earlier process began. Stop the loader first: work that waits for its pause is refused then. */
export async function openPrivacy(
  parts: PrivacyParts,
  onStop: (close: () => Promise<void>) => void,
): Promise<Erasures> {
  const { target, loader, log, database, factors, logger } = parts
  const clickhouse = await openClickHouse(target, { role: 'upkeep' })
  onStop(() => clickhouse.close())
  const shared = {
    clickhouse,
    database,
    whileLoadingPaused: loader.whileLoadingPaused,
    faultPoint: () => undefined,
    nowMs: Date.now,
    idsKeptDays: parts.dedupeDays + IDS_DAYS_MORE,
    logger,
  }
  const erasures = await Erasures.open({
    ...shared,
    logEnds: () => readEnds(log),
    isLoadedTo: async (ends) => ends.generation !== log.generation || (await isLoaded(ends, loader, clickhouse)),
    runningSetId: async (orgId) => factors.setOf(orgId).id,
    version: parts.version,
    logKeptDays: LOG_KEPT_DAYS,
  })
  onStop(() => erasures.stop())
  onStop(keepRetention(() => enforceRetention(shared), loader, logger))
  return erasures
}

async function readEnds(log: PrivacyParts['log']): Promise<LogEnds> {
  const stats = await log.stats()
  return {
    generation: log.generation,
    offsets: Object.fromEntries(stats.map(({ partition, nextOffset }) => [String(partition), nextOffset])),
  }
}

/** Partitions of this process tell it themselves; those of others publish it with their watermark. */
async function isLoaded(ends: LogEnds, loader: PrivacyParts['loader'], clickhouse: ClickHouse): Promise<boolean> {
  const own = new Map(loader.health().partitions.map(({ partition, loadedTo }) => [String(partition), loadedTo]))
  const behind = Object.entries(ends.offsets).filter(([partition, to]) => to > (own.get(partition) ?? 0))
  if (behind.length === 0) return true
  if (behind.some(([partition]) => own.has(partition))) return false
  const published = await clickhouse.query<{ of: number; next: string }>({
    text: `SELECT \`partition\` AS of, toString(max(next_offset)) AS next FROM ecomind.watermarks
      WHERE \`group\` = {group:String} GROUP BY of`,
    params: { group: LOADER_GROUP },
  })
  const others = new Map(published.map(({ of, next }) => [String(of), Number(next)]))
  return behind.every(([partition, to]) => (others.get(partition) ?? 0) >= to)
}

/** Once a day, and after a start, when the loader is quiet. Returns a function that stops it and waits for a run under way. */
function keepRetention(
  enforce: () => Promise<unknown>,
  loader: Pick<Loader, 'isQuiet'>,
  logger: Logger,
): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve()
  let dueAtMs = 0
  const look = setInterval(() => {
    if (Date.now() < dueAtMs || !loader.isQuiet()) return
    dueAtMs = Date.now() + DAY_MS
    running = running.then(enforce).catch((error: unknown) => {
      dueAtMs = Date.now() + AGAIN_MS
      logger.warn({ err: error }, 'retention: a run failed; tried again later')
    })
  }, LOOK_MS)
  return async () => {
    clearInterval(look)
    await running
  }
}
