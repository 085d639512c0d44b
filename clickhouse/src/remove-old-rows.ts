/**
 * Removes what organisations keep no longer: raw events by the event's own time, quarantine by arrival, the ledger by its
 * hour. Rollups stay. ALTER DELETE and not a lightweight delete: the bytes are gone when it resolves. It took three times
 * as long as hiding rows behind a mask (4 M rows of a month in 14 parts: 10.8 s and 3.4 s), and a month is rewritten for
 * all organisations together, at most once a run. Tokens of inserts outlive it, also in a partition that it empties.
 */
import type { ClickHouse } from './clickhouse.ts'

/** Raw events of an organisation go when they are of a UTC day before this one, YYYY-MM-DD. */
export interface KeptFrom {
  readonly orgId: string
  readonly day: string
}

export interface OldRows extends KeptFrom {
  readonly rows: number
  /** YYYYMM: the partitions they lie in. */
  readonly months: readonly number[]
}

/** Organisations of one statement; a bound value counts towards ClickHouse's limit of 256 KiB. */
const ORGS_MAX = 1000
const BEFORE = "toDate(transform(toString(org_id), {orgs:Array(String)}, {days:Array(String)}, '1970-01-01'))"
const PLAIN = 'SETTINGS async_insert = 0, insert_deduplicate = 0, max_partitions_per_insert_block = 0'
const OLD_RAW = `toDate(ts, 'UTC') < ${BEFORE} AND arrived_at < fromUnixTimestamp64Milli({arrived_ms:Int64}, 'UTC')`

/**
 * @param arrivedBeforeMs epoch milliseconds; later arrivals stay whatever their age, since copies of them are told by them
 * @throws ClickHouseError
 */
export async function findOldRaw(
  ch: Pick<ClickHouse, 'query'>,
  limits: readonly KeptFrom[],
  arrivedBeforeMs: number,
): Promise<readonly OldRows[]> {
  const found: OldRows[] = []
  for (const some of inChunks(limits)) {
    const newest =
      some
        .map(({ day }) => day)
        .sort()
        .at(-1) ?? '1970-01-01'
    const rows = await ch.query<{ org_id: string; n: string; months: readonly number[] }>({
      text: `SELECT org_id, toString(count()) AS n, groupUniqArray(toYYYYMM(ts)) AS months FROM ecomind.usage_events
        WHERE ts < toDateTime64({newest:String}, 3, 'UTC') AND ${OLD_RAW} GROUP BY org_id ORDER BY org_id`,
      params: { newest, ...paramsOf(some, arrivedBeforeMs) },
    })
    const days = new Map(some.map(({ orgId, day }) => [orgId, day]))
    found.push(
      ...rows.map(({ org_id: orgId, n, months }) => {
        return { orgId, day: days.get(orgId) ?? '', rows: Number(n), months: months.map(Number) }
      }),
    )
  }
  return found
}

/** What a run removes. */
export interface Removal {
  readonly run: string
  readonly limits: readonly KeptFrom[]
  readonly arrivedBeforeMs: number
}

/**
 * Writes down, before they go, that the raw events of earlier days are not all there, and how many go: from then on no
 * comparison misses them. No rebuild that does not know it may be under way (WhileLoadingPaused). @throws ClickHouseError
 */
export async function noteRemoval(ch: Pick<ClickHouse, 'command'>, removal: Removal): Promise<void> {
  const { run, limits, arrivedBeforeMs } = removal
  for (const some of inChunks(limits)) {
    const { orgs, days } = paramsOf(some, arrivedBeforeMs)
    await ch.command({
      text: `INSERT INTO ecomind.raw_kept_from (org_id, day)
        SELECT p.1, toDate(p.2) FROM (SELECT arrayJoin(arrayZip({orgs:Array(String)}, {days:Array(String)})) AS p) ${PLAIN}`,
      params: { orgs, days },
    })
    await ch.command({
      text: `INSERT INTO ecomind.raw_removals (org_id, run, hour, kept_from, arrived_before, removed, done)
        SELECT org_id, {run:String}, toStartOfHour(arrived_at, 'UTC') AS at, ${BEFORE} AS kept,
          toDateTime({before_s:UInt32}, 'UTC'), count(), 0
        FROM ecomind.usage_events WHERE ${OLD_RAW} GROUP BY org_id, at, kept ${PLAIN}`,
      params: { run, before_s: Math.floor(arrivedBeforeMs / 1000), orgs, days, arrived_ms: arrivedBeforeMs },
    })
  }
}

/** Removals that were noted and not finished, because of a kill. @throws ClickHouseError */
export async function unfinishedRemovals(ch: Pick<ClickHouse, 'query'>): Promise<readonly Removal[]> {
  const rows = await ch.query<{ run: string; before_s: string; orgId: string; day: string }>({
    text: `SELECT run, toString(toUnixTimestamp(arrived_before)) AS before_s, org_id AS orgId, toString(kept_from) AS day
      FROM ecomind.raw_removals GROUP BY run, arrived_before, org_id, kept_from HAVING max(done) = 0
      ORDER BY run, org_id`,
  })
  const removals = new Map<string, Removal & { readonly limits: KeptFrom[] }>()
  for (const { run, before_s: seconds, orgId, day } of rows) {
    const removal = removals.get(run) ?? { run, limits: [], arrivedBeforeMs: Number(seconds) * 1000 }
    removal.limits.push({ orgId, day })
    removals.set(run, removal)
  }
  return [...removals.values()]
}

/** All of it is gone. @throws ClickHouseError */
export async function noteRemovalDone(ch: Pick<ClickHouse, 'command'>, run: string): Promise<void> {
  await ch.command({
    text: `INSERT INTO ecomind.raw_removals (org_id, run, hour, kept_from, arrived_before, removed, done)
      SELECT DISTINCT org_id, run, hour, kept_from, arrived_before, 0, 1 FROM ecomind.raw_removals
      WHERE run = {run:String} ${PLAIN}`,
    params: { run },
  })
}

/** Can be repeated. @throws ClickHouseError */
export async function removeOldRaw(
  ch: Pick<ClickHouse, 'command'>,
  old: readonly OldRows[],
  arrivedBeforeMs: number,
): Promise<void> {
  const months = new Set(old.flatMap((o) => o.months))
  for (const month of [...months].sort((a, b) => a - b)) {
    for (const some of inChunks(old.filter((o) => o.months.includes(month)))) {
      await ch.command({
        text: `ALTER TABLE ecomind.usage_events DELETE IN PARTITION ${month} WHERE ${OLD_RAW} SETTINGS mutations_sync = 2`,
        params: paramsOf(some, arrivedBeforeMs),
      })
    }
  }
}

/** Quarantined rows, and the notes of their replays. @returns how many rows went. @throws ClickHouseError */
export async function removeOldQuarantine(ch: Pick<ClickHouse, 'command' | 'query'>, limits: readonly KeptFrom[]) {
  const tables = [
    ['quarantine', 'arrived_at'],
    ['quarantine_replays', 'replayed_at'],
  ] as const
  let removed = 0
  for (const some of inChunks(limits)) {
    const params = { orgs: some.map(({ orgId }) => orgId), days: some.map(({ day }) => day) }
    for (const [table, time] of tables) {
      // An arrival of 0 is not known.
      const old = `toUnixTimestamp64Milli(${time}) != 0 AND toDate(${time}, 'UTC') < ${BEFORE}`
      const rows = await countRows(ch, table, old, params)
      if (rows === 0) continue
      await ch.command({ text: `ALTER TABLE ecomind.${table} DELETE WHERE ${old} SETTINGS mutations_sync = 2`, params })
      if (table === 'quarantine') removed += rows
    }
  }
  return removed
}

/** Of erased events, ids that the dedupe index would have forgotten by now. @throws ClickHouseError */
export async function forgetErasedIds(ch: Pick<ClickHouse, 'command' | 'query'>, arrivedBeforeMs: number) {
  const old = "event_id != '' AND arrived_at < fromUnixTimestamp64Milli({before_ms:Int64}, 'UTC')"
  const params = { before_ms: arrivedBeforeMs }
  if ((await countRows(ch, 'erased_events', old, params)) === 0) return
  const text = `ALTER TABLE ecomind.erased_events UPDATE event_id = '' WHERE ${old} SETTINGS mutations_sync = 2`
  await ch.command({ text, params })
}

/**
 * Counts of hours before this one. The newest batch of every partition of the log stays for ever: a loader that starts
 * looks for it, to tell whether database and log belong together. @throws ClickHouseError
 */
export async function removeOldLedger(ch: Pick<ClickHouse, 'command' | 'query'>, beforeMs: number): Promise<number> {
  const newest = await ch.query<{ batch: string }>({
    text: `SELECT concat(toString(log_generation), '/', toString(log_partition), '/', toString(max(log_offset))) AS batch
      FROM ecomind.ingest_ledger GROUP BY log_generation, log_partition`,
  })
  const params = { before_s: Math.floor(beforeMs / 1000), newest: newest.map(({ batch }) => batch) }
  const old = `hour < toDateTime({before_s:UInt32}, 'UTC') AND
    concat(toString(log_generation), '/', toString(log_partition), '/', toString(log_offset)) NOT IN {newest:Array(String)}`
  const rows = await countRows(ch, 'ingest_ledger', old, params)
  if (rows === 0) return 0
  await ch.command({
    text: `ALTER TABLE ecomind.ingest_ledger DELETE WHERE ${old} SETTINGS mutations_sync = 2`,
    params,
  })
  return rows
}

const paramsOf = (limits: readonly KeptFrom[], arrivedBeforeMs: number) => ({
  orgs: limits.map(({ orgId }) => orgId),
  days: limits.map(({ day }) => day),
  arrived_ms: arrivedBeforeMs,
})

async function countRows(
  ch: Pick<ClickHouse, 'query'>,
  table: string,
  where: string,
  params: Readonly<Record<string, number | readonly string[]>>,
): Promise<number> {
  const text = `SELECT toString(count()) AS n FROM ecomind.${table} WHERE ${where}`
  const [row] = await ch.query<{ n: string }>({ text, params })
  return Number(row?.n)
}

function inChunks<T>(all: readonly T[]): readonly (readonly T[])[] {
  const chunks: T[][] = []
  for (let at = 0; at < all.length; at += ORGS_MAX) chunks.push(all.slice(at, at + ORGS_MAX))
  return chunks
}
