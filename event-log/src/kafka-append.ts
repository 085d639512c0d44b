/**
 * Appends: each call's records are handed to the producer at once, in order, and the call is settled by their delivery
 * reports. One record carries the events of many requests, so there are few reports.
 */
import { LogFullError, type LogRecord, LogUnavailableError } from './event-log.ts'
import type { KafkaFault } from './kafka-client.ts'
import { isRefusedRecord, QUEUE_FULL, unavailable } from './kafka-errors.ts'
import type { OnDelivery, ProducerSlot } from './kafka-producer.ts'

export interface KafkaAppender {
  append(partition: number, records: readonly LogRecord[]): Promise<number | null>
  readonly onDelivery: OnDelivery
  /** The producer is gone: every call under way ends as unknown. */
  readonly onLost: (fault: KafkaFault) => void
  /** Refuses new calls and resolves when those under way are settled. */
  close(): Promise<void>
}

export interface KafkaAppenderOptions {
  readonly topic: string
  readonly partitions: number
  readonly maxQueuedBytes: number
  readonly producer: () => ProducerSlot
}

/** One call that waits for its reports. */
interface Waiting {
  readonly bytes: number
  readonly count: number
  /** Records that the producer took and has not reported yet. */
  pending: number
  stored: number
  /** Undefined until the first report, null when that one could not tell. */
  firstOffset: number | null | undefined
  fault: KafkaFault | null
  /** A record may be stored that was not reported so. */
  unsure: boolean
  settle(): void
}

/** 0 would be taken for "now". */
const ARRIVED_AT_MS_MIN = 1

export function createKafkaAppender(options: KafkaAppenderOptions): KafkaAppender {
  const { topic, maxQueuedBytes } = options
  const waiting = new Set<Waiting>()
  let queuedBytes = 0
  let closed = false
  let idle: () => void = () => undefined

  function done(call: Waiting): void {
    if (!waiting.delete(call)) return
    queuedBytes -= call.bytes
    call.settle()
    if (waiting.size === 0) idle()
  }

  async function append(partition: number, records: readonly LogRecord[]): Promise<number | null> {
    if (closed) throw new LogUnavailableError('Append: the log is closed', false)
    checkRecords(partition, records, options.partitions)
    const bytes = records.reduce((sum, { value }) => sum + value.byteLength, 0)
    if (bytes > maxQueuedBytes || (queuedBytes + bytes > maxQueuedBytes && queuedBytes > 0)) {
      throw new LogFullError(`Append: ${queuedBytes} of at most ${maxQueuedBytes} bytes wait for the brokers`, 1)
    }
    const producer = options.producer().current()
    return new Promise((resolve, reject) => {
      const call: Waiting = {
        bytes,
        count: records.length,
        pending: 0,
        stored: 0,
        firstOffset: undefined,
        fault: null,
        unsure: false,
        settle: () => settle(call, `Append to ${topic}/${partition}`, resolve, reject),
      }
      waiting.add(call)
      queuedBytes += bytes
      try {
        for (const { value, arrivedAtMs } of records) {
          producer.produce(topic, partition, asBuffer(value), null, arrivedAtMs, call)
          call.pending++
        }
      } catch (error) {
        call.fault ??= error as KafkaFault
      }
      if (call.pending === 0) done(call)
    })
  }

  return {
    append,
    onDelivery: (fault, opaque, offset) => {
      const call = opaque as Waiting
      call.pending--
      if (fault) {
        call.fault ??= fault
        call.unsure ||= !isRefusedRecord(fault)
      } else {
        call.stored++
        // Of a repeated request whose records were there already the broker does not tell where.
        if (call.firstOffset === undefined) call.firstOffset = offset < 0 ? null : offset
      }
      if (call.pending === 0) done(call)
    },
    onLost: (fault) => {
      for (const call of [...waiting]) {
        call.fault ??= fault
        call.unsure = true
        done(call)
      }
    },
    close: () => {
      closed = true
      return new Promise((resolve) => {
        idle = resolve
        if (waiting.size === 0) resolve()
      })
    },
  }
}

function settle(
  call: Waiting,
  action: string,
  resolve: (offset: number | null) => void,
  reject: (error: Error) => void,
) {
  const { fault, firstOffset, stored, unsure } = call
  if (fault === null && firstOffset !== undefined && stored === call.count) resolve(firstOffset)
  else if (fault?.code === QUEUE_FULL && stored === 0 && !unsure)
    reject(new LogFullError(`${action}: ${fault.message}`, 1))
  else reject(unavailable(action, fault, stored > 0 || unsure))
}

function checkRecords(partition: number, records: readonly LogRecord[], partitions: number): void {
  if (!Number.isInteger(partition) || partition < 0 || partition >= partitions) {
    throw new RangeError(`Append: partition ${partition}, wanted 0 to ${partitions - 1}`)
  }
  if (records.length === 0) throw new RangeError('Append: 0 records, wanted 1 or more')
  for (const { arrivedAtMs } of records) {
    if (!Number.isSafeInteger(arrivedAtMs) || arrivedAtMs < ARRIVED_AT_MS_MIN) {
      throw new RangeError(`Append record: arrivedAtMs ${arrivedAtMs}, wanted whole epoch milliseconds from 1 on`)
    }
  }
}

/** The same bytes; the producer copies them. */
function asBuffer(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}
