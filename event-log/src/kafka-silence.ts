/**
 * Whoever waits and hears nothing asks the broker. The client stops fetching at a fault such as an offset out of range, and
 * keeps it to itself when records of the same moment come with it (confluent-kafka-javascript 1.10, workers.cc,
 * KafkaConsumerConsumeNum): without asking, such a partition would look empty for ever.
 *
 * Nobody is set to another place, and nobody fetches anew from where it stands: behind a log that was cut short and has
 * grown again, that would pass over records in silence.
 */
import { LogUnavailableError, OffsetOutOfRangeError } from './event-log.ts'
import type { Cursor } from './kafka-cursor.ts'
import { isPassing, unavailable } from './kafka-errors.ts'

export interface OffsetRange {
  readonly lowOffset: number
  readonly highOffset: number
}

export interface Question {
  /** As errors name it: `topic/partition`. */
  readonly place: string
  /** What is kept of the partition, as its broker says. Rejects with a KafkaFault. */
  readonly range: () => Promise<OffsetRange>
  /** By the clock of the cursor. */
  readonly clock: () => number
}

/** Something is there to come, or the broker has not said that nothing is. */
const SILENT_MS = 2_000
/** The broker has said that nothing is there: only a log cut short behind the reader is left to find. */
const SILENT_AT_END_MS = 30_000
/** A slow network may take long over one fetch; the client itself gives it up after this time. */
const STUCK_MS = 60_000

/** Nothing is there to give out, and it is time to ask why. */
export function isSilent({ isEmpty, isAtEnd, isSuspect, heardAtMs, askedAtMs }: Cursor, nowMs: number): boolean {
  const silentMs = nowMs - Math.max(heardAtMs, askedAtMs)
  return isEmpty && (isSuspect || silentMs > (isAtEnd ? SILENT_AT_END_MS : SILENT_MS))
}

/** Asks why nothing comes to an empty cursor; a broker that does not answer is asked again later. Throws what a reader must know. */
export async function askBroker(cursor: Cursor, { place, range, clock }: Question): Promise<void> {
  const { next } = cursor
  cursor.isSuspect = false
  const kept = await range().catch((fault: unknown) => {
    if (isAnswer(fault)) throw unavailable(`Read ${place}`, fault)
    return null
  })
  cursor.askedAtMs = clock()
  if (kept === null || !cursor.isEmpty || cursor.next !== next) return
  const { lowOffset, highOffset } = kept
  if (next < lowOffset || next > highOffset) {
    cursor.fault = new OffsetOutOfRangeError(
      `Read ${place}: offset ${next}, wanted ${lowOffset} to ${highOffset} (what is kept)`,
    )
    throw cursor.fault
  }
  if (next === highOffset) cursor.seeEnd(next, clock())
  else if (cursor.seeBehind(clock()) > STUCK_MS) {
    throw new LogUnavailableError(
      `Read ${place}: the broker holds records up to ${highOffset} and has given none from ${next} on for ${STUCK_MS} ms`,
      false,
    )
  }
}

/** The broker refuses, as with a topic that is gone or may not be read; silence and a client that ends have no such code. */
function isAnswer(fault: unknown): boolean {
  if (!(fault instanceof Error) || !('code' in fault) || typeof fault.code !== 'number') return false
  return fault.code > 0 && !isPassing({ code: fault.code })
}
