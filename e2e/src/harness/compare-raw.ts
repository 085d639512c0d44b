/** Compares what was sent with the rows of usage_events, event by event. Pure. */
import type { LedgerEntry } from './ledger.ts'

/** One row of usage_events, as far as the test made it itself. */
export interface StoredEvent {
  readonly event_id: string
  readonly user_id: string
  readonly provider: string
  readonly model: string
  readonly ts: number
  readonly tokens_in: number
  readonly tokens_out: number
  readonly tokens_cache_read: number
  readonly tokens_reasoning: number
  readonly team_id: string
  readonly project_id: string
}

export interface RawComparison {
  /** Answered 202 and not there. */
  readonly lost: string[]
  /** There more than once. */
  readonly doubled: string[]
  /** There and never sent. */
  readonly foreign: string[]
  /** There with other values than were sent: the id and the first field that differs. */
  readonly changed: string[]
}

export function compareRaw(entries: ReadonlyMap<string, LedgerEntry>, rows: Iterable<StoredEvent>): RawComparison {
  const result: RawComparison = { lost: [], doubled: [], foreign: [], changed: [] }
  const seen = new Set<string>()
  for (const row of rows) {
    const entry = entries.get(row.event_id)
    if (entry === undefined) result.foreign.push(row.event_id)
    else {
      const field = firstDifference(entry, row)
      if (field !== null) result.changed.push(`${row.event_id}: ${field}`)
    }
    if (seen.has(row.event_id)) result.doubled.push(row.event_id)
    seen.add(row.event_id)
  }
  for (const [id, entry] of entries) if (entry.acknowledged > 0 && !seen.has(id)) result.lost.push(id)
  return result
}

function firstDifference({ event }: LedgerEntry, row: StoredEvent): string | null {
  const wanted: StoredEvent = {
    event_id: event.event_id,
    user_id: event.user_id,
    provider: event.provider.toLowerCase(),
    model: event.model,
    ts: event.ts,
    tokens_in: event.tokens_in,
    tokens_out: event.tokens_out,
    tokens_cache_read: event.tokens_cache_read ?? 0,
    tokens_reasoning: event.tokens_reasoning ?? 0,
    team_id: event.team_id ?? '',
    project_id: event.project_id ?? '',
  }
  for (const [field, value] of Object.entries(wanted)) {
    const stored = row[field as keyof StoredEvent]
    if (stored !== value) return `${field} is ${JSON.stringify(stored)}, sent was ${JSON.stringify(value)}`
  }
  return null
}
