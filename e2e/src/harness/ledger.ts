/**
 * What a test has sent and what it was told: the truth that the stores are compared with. Every event has an id of the
 * test's own, so that a retry is recognised.
 */
import type { UsageEventInput } from '@ecomind/schemas'

/** An event as the tests make it: always with an id, the time always in epoch milliseconds. */
export interface SentEvent extends UsageEventInput {
  readonly event_id: string
  readonly ts: number
}

export interface LedgerEntry {
  readonly event: SentEvent
  /** How many copies were put into requests, retries and deliberate duplicates included. */
  sent: number
  /** How many of them were answered 202. */
  acknowledged: number
  /** Copies with the same id and other content that were answered 202; they belong into quarantine. */
  conflicts: number
}

export interface Ledger {
  readonly entries: ReadonlyMap<string, LedgerEntry>
  /** Copies answered 202 over all events, conflicting ones included. */
  acknowledgedCopies(): number
  /** Events with at least one copy answered 202. */
  acknowledgedEvents(): number
  /**
   * @throws Error for an event whose id another one has, unless that one was answered 202 before: only then is it
   * certain which of the two came first
   */
  recordSent(events: readonly SentEvent[]): void
  /** The same events as in `recordSent`, after their request was answered 202. */
  recordAcknowledged(events: readonly SentEvent[]): void
  /** One of the acknowledged events at a position 0 .. acknowledgedEvents() - 1, oldest answer first. */
  acknowledgedAt(position: number): SentEvent
}

export function createLedger(): Ledger {
  const entries = new Map<string, LedgerEntry>()
  const acknowledged: SentEvent[] = []
  let copies = 0
  return {
    entries,
    acknowledgedCopies: () => copies,
    acknowledgedEvents: () => acknowledged.length,
    recordSent: (events) => {
      for (const event of events) {
        const entry = entries.get(event.event_id)
        if (entry === undefined) entries.set(event.event_id, { event, sent: 1, acknowledged: 0, conflicts: 0 })
        else if (entry.event === event) entry.sent++
        else if (entry.acknowledged === 0)
          throw new Error(`record ${event.event_id}: another event has this id and is not acknowledged yet`)
      }
    },
    recordAcknowledged: (events) => {
      for (const event of events) {
        const entry = entries.get(event.event_id)
        if (entry === undefined) throw new Error(`record the answer: ${event.event_id} was never sent`)
        copies++
        if (entry.event !== event) entry.conflicts++
        else if (entry.acknowledged++ === 0) acknowledged.push(event)
      }
    },
    acknowledgedAt: (position) => {
      const event = acknowledged[position]
      if (event === undefined) throw new RangeError(`take event ${position}: 0 .. ${acknowledged.length - 1} are there`)
      return event
    },
  }
}

export interface Sums {
  calls: number
  tokens_in: number
  tokens_out: number
}

/** Counts and token sums of the events, each once, by window start in epoch seconds. */
export function sumsByWindow(events: Iterable<SentEvent>, windowSeconds: number): Map<number, Sums> {
  const windows = new Map<number, Sums>()
  for (const event of events) {
    const start = Math.floor(event.ts / 1000 / windowSeconds) * windowSeconds
    const sums = windows.get(start) ?? { calls: 0, tokens_in: 0, tokens_out: 0 }
    sums.calls++
    sums.tokens_in += event.tokens_in
    sums.tokens_out += event.tokens_out
    windows.set(start, sums)
  }
  return windows
}

export function total(windows: Iterable<Sums>): Sums {
  const sums: Sums = { calls: 0, tokens_in: 0, tokens_out: 0 }
  for (const w of windows) {
    sums.calls += w.calls
    sums.tokens_in += w.tokens_in
    sums.tokens_out += w.tokens_out
  }
  return sums
}
