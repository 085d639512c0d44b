/**
 * Gives the rows of one person to another id, in the raw events and in every rollup, and takes their raw events away.
 * Everything here can be repeated. While an erasure is noted as open, comparisons leave both ids out (raw-gone.ts).
 *
 * The database keeps the text of mutations for some time. So they name neither the person nor anything that a guessed id
 * could be tried on: they ask for the person of a mark, whose row is deleted in the end.
 */
import type { ClickHouse, QueryParam } from './clickhouse.ts'
import { ROLLUP_KEYS, ROLLUP_SUMS, ROLLUPS, type Rollup } from './rollup-columns.ts'

export interface Person {
  readonly orgId: string
  readonly userId: string
}

export interface Move extends Person {
  /** Id that the rows get; empty: nobody's. */
  readonly target: string
  /** Random, of this erasure. */
  readonly mark: string
}

type Asking = Pick<ClickHouse, 'query'>
type Changing = Pick<ClickHouse, 'command'>

const OF_PERSON = 'org_id = {org_id:String} AND user_id = {user_id:String}'
/** For mutations. */
const OF_MARK = `org_id = {org_id:String} AND user_id IN
  (SELECT user_id FROM ecomind.erasures WHERE org_id = {org_id:String} AND mark = {mark:String} AND closed = 0)`
/** Rows are what they are here, and memory stays bounded. */
const COPY_SETTINGS =
  'SETTINGS insert_deduplicate = 0, async_insert = 0, max_threads = 1, max_insert_threads = 1, max_partitions_per_insert_block = 0'

const personOf = ({ orgId, userId }: Person) => ({ org_id: orgId, user_id: userId })
const markOf = ({ orgId, mark }: Move) => ({ org_id: orgId, mark })

/** Rows by table. @throws ClickHouseError */
export async function countPerson(ch: Asking, person: Person): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {}
  for (const table of ['usage_events', ...ROLLUPS]) {
    const [row] = await ch.query<{ n: string }>({
      text: `SELECT toString(count()) AS n FROM ecomind.${table} WHERE ${OF_PERSON}`,
      params: personOf(person),
    })
    counts[table] = Number(row?.n)
  }
  return counts
}

/** YYYYMM: the partitions in which the person has rows. @throws ClickHouseError */
export async function monthsOfPerson(
  ch: Asking,
  table: Rollup | 'usage_events',
  person: Person,
): Promise<readonly number[]> {
  const month = `toYYYYMM(${table === 'usage_events' ? 'ts' : 'window_start'})`
  const rows = await ch.query<{ month: number }>({
    text: `SELECT DISTINCT ${month} AS month FROM ecomind.${table} WHERE ${OF_PERSON} ORDER BY month`,
    params: personOf(person),
  })
  return rows.map((row) => Number(row.month))
}

/**
 * One rollup of one month: a staging table gets all rows, the person's under the new id, and takes the partition's place
 * in one step, so no sum is wrong at any time. The id is part of the table's order, so rows can't be changed in place.
 * Loading must be paused, as for every replaced partition (rebuild-rollups.ts).
 * @throws ClickHouseError; Error when the sums would change, and then nothing did
 */
export async function moveInRollup(
  ch: Pick<ClickHouse, 'query' | 'command'>,
  rollup: Rollup,
  month: number,
  move: Move,
): Promise<void> {
  const staging = `ecomind.${rollup}_erasure`
  await ch.command({ text: `DROP TABLE IF EXISTS ${staging} SYNC` })
  await ch.command({ text: `CREATE TABLE ${staging} AS ecomind.${rollup}` })
  // Merged parts stay: they must be on disk before they take the place of others.
  await ch.command({ text: `ALTER TABLE ${staging} MODIFY SETTING min_rows_to_fsync_after_merge = 1` })
  const others = ['window_start', ...ROLLUP_KEYS.filter((key) => key !== 'user_id'), 'generation']
  const columns = [...others, ...ROLLUP_SUMS.map(([name]) => name), 'watermark_at'].join(', ')
  await ch.command({
    text: `INSERT INTO ${staging} (user_id, ${columns})
      SELECT if(${OF_PERSON}, {target:String}, user_id), ${columns} FROM ecomind.${rollup}
      WHERE toYYYYMM(window_start) = {month:UInt32} ${COPY_SETTINGS}`,
    params: { ...personOf(move), target: move.target, month },
  })
  await requireSameSums(ch, rollup, staging, month)
  await ch.command({ text: `ALTER TABLE ecomind.${rollup} REPLACE PARTITION ${month} FROM ${staging}` })
  await ch.command({ text: `DROP TABLE ${staging} SYNC` })
}

/** Of all organisations together: rows of others were copied as well. */
async function requireSameSums(ch: Asking, rollup: Rollup, staging: string, month: number): Promise<void> {
  const sums = ROLLUP_SUMS.map(([name]) => `sum(r.${name})`).join(', ')
  const rows = await ch.query<{ sums: string }>({
    text: `SELECT toString(tuple(${sums})) AS sums FROM ecomind.${rollup} AS r WHERE toYYYYMM(r.window_start) = {month:UInt32}
      UNION ALL SELECT toString(tuple(${sums})) AS sums FROM ${staging} AS r`,
    params: { month },
  })
  if (rows.length !== 2 || rows[0]?.sums !== rows[1]?.sums)
    throw new Error(`move a person's rows in ${rollup} of ${month}: the copy has other sums; nothing was replaced`)
}

/**
 * Raw events of one month get the new id, no tags, and no checksum of the bytes that arrived, which would tell a guessed
 * id. Ids of events that arrived before `idsFromMs` (epoch milliseconds) give way to the event's place in the log;
 * younger ones stay, because a copy may still come. @throws ClickHouseError
 */
export async function moveRaw(ch: Changing, month: number, move: Move, idsFromMs: number): Promise<void> {
  const place = ['log_generation', 'log_partition', 'log_offset', 'log_index'].map((c) => `toString(${c})`)
  await ch.command({
    text: `ALTER TABLE ecomind.usage_events UPDATE user_id = {target:String}, tags = map(), content_hash = 0,
        event_id = if(arrived_at < fromUnixTimestamp64Milli({ids_from_ms:Int64}, 'UTC'), concat('erased-', ${place.join(", '-', ")}), event_id)
      IN PARTITION ${month} WHERE ${OF_MARK} SETTINGS mutations_sync = 2`,
    params: { ...markOf(move), target: move.target, ids_from_ms: idsFromMs },
  })
}

/**
 * Raw events go. Their places in the log and hours of arrival are kept, and the ids of those that arrived from `idsFromMs`
 * on (epoch milliseconds), so that they stay counted and copies stay copies. @throws ClickHouseError
 */
export async function removeRaw(ch: Changing, month: number, move: Move, idsFromMs: number): Promise<void> {
  const place = 'log_generation, log_partition, log_offset, log_index'
  await ch.command({
    text: `INSERT INTO ecomind.erased_events (org_id, event_id, arrived_at, ${place})
      SELECT org_id, if(e.arrived_at >= fromUnixTimestamp64Milli({ids_from_ms:Int64}, 'UTC'), event_id, ''),
        toDateTime64(toStartOfHour(e.arrived_at, 'UTC'), 3, 'UTC'), ${place}
      FROM ecomind.usage_events AS e WHERE ${OF_PERSON} AND toYYYYMM(ts) = {month:UInt32} ${COPY_SETTINGS}`,
    params: { ...personOf(move), month, ids_from_ms: idsFromMs },
  })
  await ch.command({
    text: `ALTER TABLE ecomind.usage_events DELETE IN PARTITION ${month} WHERE ${OF_MARK} SETTINGS mutations_sync = 2`,
    params: markOf(move),
  })
}

/** Positions of quarantined rows whose bytes hold all of these texts as Avro writes them; rows of '' name no organisation. */
export async function findInQuarantine(
  ch: Asking,
  orgId: string,
  texts: readonly string[],
): Promise<readonly string[]> {
  const params: Record<string, QueryParam> = { org_id: orgId }
  const holds = texts.map((text, i) => {
    params[`text_${i}`] = avroString(text).toString('hex')
    return `position(base64Decode(raw), unhex({text_${i}:String})) > 0`
  })
  const rows = await ch.query<{ place: string }>({
    text: `SELECT DISTINCT ${PLACE} AS place FROM ecomind.quarantine
      WHERE org_id = {org_id:String} AND raw != '' AND ${holds.join(' AND ')} ORDER BY place`,
    params,
  })
  return rows.map((row) => row.place)
}

/** The bytes go; that an event was set aside, when and why, stays. @throws ClickHouseError */
export async function emptyQuarantine(ch: Changing, orgId: string, places: readonly string[]): Promise<void> {
  for (let at = 0; at < places.length; at += PLACES_MAX) {
    const params = { org_id: orgId, places: places.slice(at, at + PLACES_MAX) }
    const where = `WHERE org_id = {org_id:String} AND ${PLACE} IN {places:Array(String)} SETTINGS mutations_sync = 2`
    await ch.command({
      text: `ALTER TABLE ecomind.quarantine UPDATE raw = '', detail = 'erased', event_id = '' ${where}`,
      params,
    })
    await ch.command({ text: `ALTER TABLE ecomind.quarantine_replays UPDATE event_id = '' ${where}`, params })
  }
}

const PLACES_MAX = 1000
const PLACE = `concat(toString(log_generation), '/', toString(log_partition), '/', toString(log_offset), '/', toString(log_index))`

/** A text as Avro writes it: its length as a zigzag number, then UTF-8. */
export function avroString(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8')
  const length: number[] = []
  let rest = bytes.length * 2
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) length.push((rest & 0x7f) | 0x80)
  return Buffer.concat([Buffer.from([...length, rest]), bytes])
}

/** From now on comparisons leave the person and the new id out. Loading must be paused. @throws ClickHouseError */
export async function openErasure(ch: Changing, move: Move): Promise<void> {
  await noteErasure(ch, move, 0)
}

/** No row is the person's any more. Their id is deleted; what stays says that rows of nobody have no raw events. */
export async function closeErasure(ch: Changing, { orgId, mark, target }: Omit<Move, 'userId'>): Promise<void> {
  if (target === '') await noteErasure(ch, { orgId, mark, userId: '', target }, 1)
  await ch.command({
    text: `ALTER TABLE ecomind.erasures DELETE WHERE org_id = {org_id:String} AND mark = {mark:String} AND closed = 0
      SETTINGS mutations_sync = 2`,
    params: { org_id: orgId, mark },
  })
}

async function noteErasure(ch: Changing, move: Move, closed: 0 | 1): Promise<void> {
  await ch.command({
    text: `INSERT INTO ecomind.erasures (org_id, mark, user_id, target, closed)
      SELECT {org_id:String}, {mark:String}, {user_id:String}, {target:String}, {closed:UInt8}
      SETTINGS async_insert = 0, insert_deduplicate = 0`,
    params: { ...personOf(move), mark: move.mark, target: move.target, closed },
  })
}
