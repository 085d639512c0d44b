/** Everything that is kept of one person's usage, page by page, for an export. */
import { ownRows, type Question, question } from './question.ts'

export type PersonRow = Readonly<Record<string, unknown>>

/** Where a page ended. */
export interface PersonPlace {
  readonly ts_ms: string
  readonly log_generation: number
  readonly log_partition: number
  readonly log_offset: string
  readonly log_index: number
}

const PLACE = 'ts, log_generation, log_partition, log_offset, log_index'
/** As stored; what the numbers were computed with is under `factor_set`, `factor_id` and `grid_id`. */
const EVENT_COLUMNS = `event_id, user_id, team_id, project_id, source, provider, model, region, region_inferred,
  toUnixTimestamp64Milli(ts) AS ts_ms, toUnixTimestamp64Milli(arrived_at) AS arrived_ms, tokens_in, tokens_out,
  tokens_cache_read, tokens_cache_write, tokens_reasoning, reasoning_separate, latency_ms, tokens_source, service_tier,
  tags, factor_set, factor_id, grid_id, quality, kwh, kwh_low, kwh_high, water_l, water_l_low, water_l_high,
  water_l_onsite, co2_kg, co2_kg_low, co2_kg_high, co2_kg_use, log_generation, log_partition, log_offset, log_index`

/** In the order of time and place in the log. */
export function personEvents(
  userId: string,
  after: PersonPlace | undefined,
  limit: number,
): Question<PersonRow & PersonPlace, readonly (PersonRow & PersonPlace)[]> {
  const behind =
    after === undefined
      ? ''
      : `\n  AND ts >= fromUnixTimestamp64Milli({after_ms:Int64})
  AND (${PLACE}) > (fromUnixTimestamp64Milli({after_ms:Int64}), {after_generation:UInt32}, {after_partition:UInt16}, {after_offset:UInt64}, {after_index:UInt32})`
  return question({
    name: 'person_events',
    text: `SELECT ${EVENT_COLUMNS}
FROM ${ownRows('usage_events')} AND user_id = {user_id:String}${behind}
ORDER BY ${PLACE} LIMIT ${limit}`,
    params: { user_id: userId, ...(after === undefined ? {} : placeParams(after)) },
    read: (rows: readonly (PersonRow & PersonPlace)[]) => rows,
  })
}

const placeParams = (after: PersonPlace) => ({
  after_ms: after.ts_ms,
  after_generation: after.log_generation,
  after_partition: after.log_partition,
  after_offset: after.log_offset,
  after_index: after.log_index,
})

/** Days outlive the events; finer windows hold nothing that days do not. */
export function personDays(userId: string, limit: number): Question<PersonRow, readonly PersonRow[]> {
  const keys = 'window_start, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id'
  const sums = ['calls', 'tokens_in', 'tokens_out', 'kwh', 'kwh_low', 'kwh_high', 'water_l', 'co2_kg', 'co2_kg_low']
  return question({
    name: 'person_days',
    text: `SELECT ${keys}, ${[...sums, 'co2_kg_high'].map((name) => `sum(r.${name}) AS ${name}_sum`).join(', ')}
FROM (SELECT * FROM ${ownRows('usage_1d')} AND user_id = {user_id:String}) AS r
GROUP BY ${keys} HAVING calls_sum != 0 ORDER BY ${keys}`,
    params: { user_id: userId },
    limits: { maxResultRows: limit },
    read: (rows: readonly PersonRow[]) => rows,
  })
}

/** Rows set aside whose bytes hold the id as Avro writes it. @param hex of that */
export function personQuarantine(hex: string, limit: number): Question<PersonRow, readonly PersonRow[]> {
  return question({
    name: 'person_quarantine',
    text: `SELECT event_id, reason, detail, raw AS raw_base64, toUnixTimestamp64Milli(arrived_at) AS arrived_ms,
  log_generation, log_partition, log_offset, log_index
FROM ${ownRows('quarantine')} AND raw != '' AND position(base64Decode(raw), unhex({text:String})) > 0
ORDER BY arrived_ms, log_generation, log_partition, log_offset, log_index`,
    params: { text: hex },
    limits: { maxResultRows: limit },
    read: (rows: readonly PersonRow[]) => rows,
  })
}
