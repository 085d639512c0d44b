/**
 * Whoever waits and hears nothing asks the broker. The client stops fetching at a fault such as an offset out of range, and
 * keeps it to itself when records of the same moment come with it (confluent-kafka-javascript 1.10, workers.cc,
 * KafkaConsumerConsumeNum): without asking, such a partition would look empty for ever.
 */
import { OffsetOutOfRangeError } from './event-log.ts'
import type { Cursor } from './kafka-cursor.ts'

export interface OffsetRange {
  readonly lowOffset: number
  readonly highOffset: number
}

export interface Asking {
  /** As errors name it: `topic/partition`. */
  readonly place: string
  /** What is kept of the partition, as its broker says. */
  readonly range: () => Promise<OffsetRange>
  /** Begins to fetch anew behind what the cursor holds. */
  readonly fetchAgain: () => void
}

/** Something is there to come, or the broker has not said that nothing is. */
const SILENT_MS = 2_000
/** The broker has said that nothing is there: only a log cut short behind the reader is left to find. */
const SILENT_AT_END_MS = 30_000
/** A slow network may take long over one fetch; the client itself gives it up after this time. */
const STUCK_MS = 60_000

export function isSilent({ isEmpty, isAtEnd, heardAtMs, askedAtMs }: Cursor): boolean {
  const silentMs = performance.now() - Math.max(heardAtMs, askedAtMs)
  return isEmpty && silentMs > (isAtEnd ? SILENT_AT_END_MS : SILENT_MS)
}

/** Finds out why nothing comes; a broker that does not answer is asked again later. */
export async function askBroker(cursor: Cursor, { place, range, fetchAgain }: Asking): Promise<void> {
  const { end } = cursor
  cursor.askedAtMs = performance.now()
  const kept = await range().catch(() => null)
  if (kept === null || cursor.end !== end) return
  const { lowOffset, highOffset } = kept
  if (end < lowOffset || end > highOffset) {
    const text = `Read ${place}: offset ${end}, wanted ${lowOffset} to ${highOffset} (what is kept)`
    cursor.fault = new OffsetOutOfRangeError(text)
  } else if (end === highOffset) cursor.endSeenAt = end
  else if (performance.now() - cursor.heardAtMs > STUCK_MS) fetchAgain()
}
