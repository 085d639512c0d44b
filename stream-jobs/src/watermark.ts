/**
 * The watermark: "events before this time have been counted, but for late ones". Pure; the clock is passed in.
 *
 * Per partition: the newest event time seen minus the bound on disorder. An event more than the guard ahead of its
 * arrival can't move it (a client with a wrong clock would close everybody's windows). A partition that is read to its
 * end moves with the wall clock, so a stream without events still closes its windows. It never goes back.
 * The global one is the smallest over the assigned partitions; null until each of them has one.
 *
 * A window must not be called final and then change without a row that says `revised`. So a batch carries, from its
 * intent on, at least what was ever published; and what is published never passes what a batch in flight carries, nor
 * one whose rollups are still to be compared with the raw rows.
 */
export interface WatermarkRules {
  /** How far events may come out of order and still be in time, in milliseconds. */
  readonly boundMs: number
  /** How far ahead of its arrival an event may be and still move the watermark, in milliseconds. */
  readonly futureGuardMs: number
}

interface PartitionMark {
  watermarkMs: number | null
  /** What was published by whoever had the partition before. */
  readonly floorMs: number | null
  /** Global watermark in the intent of the batch in flight; undefined when there is none. */
  inFlight: number | null | undefined
  /** Lowest watermark carried by a batch whose rollups are still in doubt; undefined when there is none. */
  doubted: number | null | undefined
}

export interface Watermark {
  /** Starts a partition at what was published and at what its commit note says; the newer counts. */
  assign(partition: number, publishedMs: number | null, notedMs: number | null): void
  revoke(partition: number): void
  /** For the next intent: the global watermark, never less than what was published. */
  toRecord(partition: number): number | null
  /** From the intent on: the watermark that the rows of the batch carry. */
  begin(partition: number, recordedMs: number | null): void
  /** After the insert: the newest guarded event time of the batch, null when it moves nothing. */
  finish(partition: number, newestEventMs: number | null): void
  /** From the end of a batch whose rollups are in doubt: they may change without a row that says so. */
  hold(partition: number, recordedMs: number | null): void
  /** The rollups were compared. */
  letGo(partition: number): void
  /** The partition is read to its end. Ignored while a batch is in flight. */
  idle(partition: number, nowMs: number): void
  partition(partition: number): number | null
  partitions(): readonly number[]
  /** Smallest over the assigned partitions. */
  global(): number | null
  /** Never ahead of a batch in flight or in doubt, never goes back. */
  publishable(): number | null
}

export function createWatermark(rules: WatermarkRules): Watermark {
  const marks = new Map<number, PartitionMark>()
  let published: number | null = null
  const mark = (partition: number): PartitionMark => {
    const found = marks.get(partition)
    if (found === undefined) throw new Error(`move the watermark: partition ${partition} is not assigned`)
    return found
  }
  const global = (): number | null => lowest([...marks.values()].map((m) => m.watermarkMs))
  return {
    assign(partition, publishedMs, notedMs) {
      const watermarkMs = newest(publishedMs, notedMs)
      marks.set(partition, { watermarkMs, floorMs: publishedMs, inFlight: undefined, doubted: undefined })
    },
    revoke(partition) {
      marks.delete(partition)
    },
    toRecord: (partition) => newest(global(), newest(published, mark(partition).floorMs)),
    begin(partition, recordedMs) {
      mark(partition).inFlight = recordedMs
    },
    finish(partition, newestEventMs) {
      const m = mark(partition)
      m.inFlight = undefined
      if (newestEventMs !== null) m.watermarkMs = newest(m.watermarkMs, newestEventMs - rules.boundMs)
    },
    hold(partition, recordedMs) {
      const m = mark(partition)
      m.doubted = m.doubted === undefined ? recordedMs : lowest([m.doubted, recordedMs])
    },
    letGo(partition) {
      const m = marks.get(partition)
      if (m !== undefined) m.doubted = undefined
    },
    idle(partition, nowMs) {
      const m = mark(partition)
      if (m.inFlight === undefined) m.watermarkMs = newest(m.watermarkMs, nowMs - rules.boundMs)
    },
    partition: (partition) => mark(partition).watermarkMs,
    partitions: () => [...marks.keys()].sort((a, b) => a - b),
    global,
    publishable() {
      const held = [...marks.values()].flatMap((m) => [m.inFlight, m.doubted]).filter((ms) => ms !== undefined)
      published = newest(published, lowest([global(), ...held]))
      return published
    },
  }
}

/** Newest event time that may move the watermark; null when there is none. */
export function newestGuardedEventMs(
  events: { readonly count: number; readonly ts: Float64Array; readonly arrivedAtMs: Float64Array },
  futureGuardMs: number,
): number | null {
  let newestMs = Number.NEGATIVE_INFINITY
  for (let row = 0; row < events.count; row++) {
    const tsMs = events.ts[row] ?? 0
    if (tsMs <= (events.arrivedAtMs[row] ?? 0) + futureGuardMs && tsMs > newestMs) newestMs = tsMs
  }
  return newestMs === Number.NEGATIVE_INFINITY ? null : newestMs
}

function newest(a: number | null, b: number | null): number | null {
  if (a === null) return b
  return b === null ? a : Math.max(a, b)
}

/** Null as soon as one is not known. */
function lowest(values: readonly (number | null)[]): number | null {
  let low: number | null = null
  for (const value of values) {
    if (value === null) return null
    low = low === null ? value : Math.min(low, value)
  }
  return low
}
