/** The event with this id, or null. */
import { EVENT_COLUMNS, type EventRow } from './event-row.ts'
import { ownRows, type Question, question } from './question.ts'

export function eventQuestion(eventId: string): Question<EventRow, EventRow | null> {
  return question<EventRow, EventRow | null>({
    name: 'event',
    text: [
      `SELECT ${EVENT_COLUMNS}`,
      `FROM ${ownRows('usage_events')}`,
      '  AND event_id = {event_id:String} LIMIT 1',
    ].join('\n'),
    params: { event_id: eventId },
    people: 'singled-out',
    read: (rows) => rows[0] ?? null,
  })
}
