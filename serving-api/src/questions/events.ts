/** Which events does this organisation have, newest first? */
import type { QueryParam } from '@ecomind/clickhouse'
import type { Filter } from '../parameters/filters.ts'
import { EVENT_COLUMNS, type EventRow } from './event-row.ts'
import { ownRows, type Question, question } from './question.ts'
import { filterConditions } from './usage-rows.ts'

/** Where a page ended: the next one starts behind it. */
export interface EventPlace {
  readonly tsMs: number
  readonly eventId: string
}

export interface EventsQuestion {
  readonly fromMs: number | undefined
  readonly toMs: number | undefined
  readonly filters: readonly Filter[]
  readonly after: EventPlace | undefined
  readonly limit: number
}

export interface EventsPage {
  readonly rows: readonly EventRow[]
  /** Undefined on the last page. */
  readonly next: EventPlace | undefined
}

export function eventsQuestion(q: EventsQuestion): Question<EventRow, EventsPage> {
  const filter = filterConditions(q.filters)
  const params: Record<string, QueryParam> = { ...filter.params }
  let conditions = ''
  if (q.fromMs !== undefined) {
    conditions += '\n  AND ts >= fromUnixTimestamp64Milli({from_ms:Int64})'
    params['from_ms'] = q.fromMs
  }
  if (q.toMs !== undefined) {
    conditions += '\n  AND ts < fromUnixTimestamp64Milli({to_ms:Int64})'
    params['to_ms'] = q.toMs
  }
  if (q.after !== undefined) {
    // The first condition alone lets the engine skip; the second one is the place itself.
    conditions +=
      '\n  AND ts <= fromUnixTimestamp64Milli({after_ms:Int64})' +
      '\n  AND (ts, event_id) < (fromUnixTimestamp64Milli({after_ms:Int64}), {after_id:String})'
    params['after_ms'] = q.after.tsMs
    params['after_id'] = q.after.eventId
  }
  return question<EventRow, EventsPage>({
    name: 'events',
    text: [
      `SELECT ${EVENT_COLUMNS}`,
      `FROM ${ownRows('usage_events')}${conditions}${filter.text}`,
      `ORDER BY ts DESC, event_id DESC LIMIT ${q.limit + 1}`,
    ].join('\n'),
    params,
    people: 'singled-out',
    read: (rows) => readPage(rows, q.limit),
  })
}

function readPage(rows: readonly EventRow[], limit: number): EventsPage {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const more = rows.length > limit && last !== undefined
  return { rows: page, next: more ? { tsMs: Number(last.ts_ms), eventId: last.event_id } : undefined }
}
