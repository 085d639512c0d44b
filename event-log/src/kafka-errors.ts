/** Kafka's error codes in the log's own words. */
import { FencedError, LogUnavailableError } from './event-log.ts'
import type { KafkaFault } from './kafka-client.ts'

/** The client's own (rdkafka.h). */
export const FATAL = -150
export const TIMED_OUT = -185
export const QUEUE_FULL = -184
export const ASSIGN_PARTITIONS = -175
export const NO_OFFSET = -140
export const LOG_TRUNCATED = -139
const OUT_OF_RANGE = 1
/** Reported while brokers are out of reach and come back; whoever waits is bounded by a time of its own. */
const PASSING = new Set([-195, -187, -193, -185, -197, -153, -191, 5, 6, 7])

/** The broker's (kafka.apache.org/protocol): it refused the record before storing it, and would again. */
const REFUSED_RECORD = new Set([3, 10, 17, 18, 29, 31, 32, 44, 58, 87, -188, -190])
/** Not this member's group any more, or not this member's turn. */
const UNKNOWN_MEMBER = new Set([25, 82])
const OTHER_GENERATION = new Set([22, 27])
export const UNKNOWN_TOPIC = new Set([3, -188])
export const TOPIC_EXISTS = 36

export function isOutOfRange({ code }: KafkaFault): boolean {
  return code === NO_OFFSET || code === LOG_TRUNCATED || code === OUT_OF_RANGE
}

export function isPassing({ code }: Pick<KafkaFault, 'code'>): boolean {
  return PASSING.has(code)
}

/** True when the broker surely did not store the record. */
export function isRefusedRecord({ code }: KafkaFault): boolean {
  return REFUSED_RECORD.has(code)
}

/** What a refused commit means to the member that made it. `stillMine`: no rebalance has taken the partition away yet. */
export function commitError(fault: KafkaFault, place: string, stillMine: boolean): Error {
  const text = `Commit ${place}: ${fault.message}`
  if (UNKNOWN_MEMBER.has(fault.code) || (OTHER_GENERATION.has(fault.code) && !stillMine)) {
    return new FencedError(`${text}; the group has gone on without this member`, { cause: fault })
  }
  // In the middle of a rebalance a partition that stays here can be committed again a moment later.
  return new LogUnavailableError(text, !OTHER_GENERATION.has(fault.code), { cause: fault })
}

export function unavailable(action: string, fault: unknown, unknown = false): LogUnavailableError {
  const message = fault instanceof Error ? fault.message : String(fault)
  return new LogUnavailableError(`${action}: ${message}`, unknown, { cause: fault })
}
