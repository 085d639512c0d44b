/** What was set aside, why, and whether it was replayed; newest first, or by position in the log. */
import type { QueryParam } from '@ecomind/clickhouse'
import type { EventPosition } from '@ecomind/schemas'
import { ownRows, type Question, question } from './question.ts'

interface Row {
  readonly org_id: string
  readonly event_id: string
  readonly reason: string
  readonly detail: string
  readonly raw: string
  readonly arrived_ms: string
  readonly log_generation: number
  readonly log_partition: number
  readonly log_offset: string
  readonly log_index: number
  readonly replays: string
}

export interface QuarantineRecord {
  readonly position: EventPosition
  readonly orgId: string
  readonly eventId: string | null
  readonly reason: string
  readonly detail: string
  /** Avro bytes of the event, or of the whole record when it could not be decoded. */
  readonly raw: Buffer
  readonly arrivedAtMs: number | null
  readonly replayed: boolean
}

/** A page goes on behind this place. */
export interface QuarantinePlace {
  readonly arrivedMs: number
  readonly position: EventPosition
}

export interface QuarantineQuestion {
  readonly reason: string | undefined
  readonly state: 'open' | 'replayed' | undefined
  readonly fromMs: number | undefined
  readonly toMs: number | undefined
  readonly after: QuarantinePlace | undefined
  readonly limit: number
}

const POSITION = 'log_generation, log_partition, log_offset, log_index'
const SELECT = [
  'SELECT org_id, event_id, reason, detail, raw, toUnixTimestamp64Milli(arrived_at) AS arrived_ms,',
  `  ${POSITION}, replays`,
].join('\n')
const REPLAYED = `SELECT ${POSITION}, count() AS replays FROM ${ownRows('quarantine_replays')} GROUP BY ${POSITION}`
const JOIN = `LEFT JOIN (${REPLAYED}) AS r USING (${POSITION})`

/** The same row may stand twice only after a loader restart with another token; one is enough. */
const ONE_PER_POSITION = `LIMIT 1 BY ${POSITION}`

export function quarantineQuestion(q: QuarantineQuestion): Question<Row, readonly QuarantineRecord[]> {
  const params: Record<string, QueryParam> = {}
  let conditions = ''
  const add = (condition: string, name: string, value: QueryParam): void => {
    conditions += `\n  AND ${condition}`
    params[name] = value
  }
  if (q.reason !== undefined) add('reason = {reason:String}', 'reason', q.reason)
  if (q.fromMs !== undefined) add('arrived_at >= fromUnixTimestamp64Milli({from_ms:Int64})', 'from_ms', q.fromMs)
  if (q.toMs !== undefined) add('arrived_at < fromUnixTimestamp64Milli({to_ms:Int64})', 'to_ms', q.toMs)
  if (q.after !== undefined) {
    const { generation, partition, offset, index } = q.after.position
    conditions +=
      `\n  AND (arrived_at, ${POSITION}) < (fromUnixTimestamp64Milli({after_ms:Int64}),` +
      ' {after_generation:UInt32}, {after_partition:UInt16}, {after_offset:UInt64}, {after_index:UInt32})'
    params['after_ms'] = q.after.arrivedMs
    params['after_generation'] = generation
    params['after_partition'] = partition
    params['after_offset'] = offset
    params['after_index'] = index
  }
  const state = q.state === undefined ? '' : `\nWHERE replays ${q.state === 'open' ? '=' : '>'} 0`
  return question<Row, readonly QuarantineRecord[]>({
    name: 'quarantine',
    text: [
      SELECT,
      `FROM (SELECT * FROM ${ownRows('quarantine')}${conditions}) AS rows`,
      `${JOIN}${state}`,
      `ORDER BY arrived_at DESC, ${POSITION.replaceAll(',', ' DESC,')} DESC`,
      ONE_PER_POSITION,
      `LIMIT ${q.limit}`,
    ].join('\n'),
    params,
    read: (rows) => rows.map(readRow),
  })
}

/** The rows at these positions, in no order; those that do not exist are absent. */
export function quarantineByPosition(positions: readonly EventPosition[]): Question<Row, readonly QuarantineRecord[]> {
  return question<Row, readonly QuarantineRecord[]>({
    name: 'quarantine_by_position',
    text: [
      SELECT,
      `FROM (SELECT * FROM ${ownRows('quarantine')}`,
      '  AND log_offset IN {offsets:Array(UInt64)}',
      "  AND concat(toString(log_generation), '/', toString(log_partition), '/', toString(log_offset), '/', toString(log_index)) IN {ids:Array(String)}",
      ') AS rows',
      JOIN,
      ONE_PER_POSITION,
    ].join('\n'),
    params: {
      offsets: [...new Set(positions.map((p) => p.offset))],
      ids: positions.map((p) => `${p.generation}/${p.partition}/${p.offset}/${p.index}`),
    },
    read: (rows) => rows.map(readRow),
  })
}

function readRow(row: Row): QuarantineRecord {
  return {
    position: {
      generation: row.log_generation,
      partition: row.log_partition,
      offset: Number(row.log_offset),
      index: row.log_index,
    },
    orgId: row.org_id,
    eventId: row.event_id === '' ? null : row.event_id,
    reason: row.reason,
    detail: row.detail,
    raw: Buffer.from(row.raw, 'base64'),
    arrivedAtMs: row.arrived_ms === '0' ? null : Number(row.arrived_ms),
    replayed: Number(row.replays) > 0,
  }
}
