/**
 * Reads partitions from given offsets through one consumer that belongs to no group. Each partition has a cursor; a read
 * that goes on where the last one ended is served from what was fetched ahead, any other moves the cursor.
 */
import { LogUnavailableError, OffsetOutOfRangeError, type ReadOptions, type StoredRecord } from './event-log.ts'
import { answered, type KafkaClient, type KafkaConsumer, type KafkaFault, type KafkaMessage } from './kafka-client.ts'
import { Cursor } from './kafka-cursor.ts'
import { isOutOfRange, isPassing, unavailable } from './kafka-errors.ts'
import { fetcherConfig, type KafkaRules } from './kafka-options.ts'
import { createPump } from './kafka-pump.ts'
import { createWakeUp } from './wake-up.ts'

export interface Fetcher {
  /** Undefined when the partition was never read here. */
  cursorOf(partition: number): Cursor | undefined
  /** One read a partition at a time. `over`: the reader has left or lost the partition. */
  read(partition: number, from: number, options: ReadOptions, over: () => boolean): Promise<readonly StoredRecord[]>
  /** Waiting reads look again whether they are over. */
  wake(): void
  forget(partition: number): void
  close(): Promise<void>
}

export interface FetcherLimits {
  /** Bytes fetched ahead, over all partitions. */
  readonly queuedBytesMax: number
  /** Bytes of one partition that wait to be read while others are. */
  readonly partitionBytesMax: number
  /** Fetches nothing for partitions that nobody waits for. */
  readonly fetchesAhead: boolean
}

const LOOK_AGAIN_MS = 250

/** @throws LogUnavailableError when no broker answers */
export async function openFetcher(client: KafkaClient, rules: KafkaRules, limits: FetcherLimits): Promise<Fetcher> {
  const { topic, answerTimeoutMs } = rules
  const cursors = new Map<number, Cursor>()
  const arrived = createWakeUp()
  let moving = 0

  const callbacks = { queue_non_empty_cb: () => void pump.run() }
  const consumer: KafkaConsumer = new client.KafkaConsumer(
    fetcherConfig(rules, limits.queuedBytesMax, callbacks),
    // Never anywhere else than asked: no silent jump.
    { 'auto.offset.reset': 'error' },
  )
  consumer.setDefaultConsumeTimeout(0)
  consumer.on('event.error', (fault) => rules.onFault(`reader: ${fault.message}`))
  consumer.on('partition.eof', ({ partition, offset }) => {
    const cursor = cursors.get(partition)
    if (cursor !== undefined) cursor.endSeenAt = offset
    arrived.wake()
  })
  const pump = createPump({
    consumer,
    wanted: () => moving === 0 && [...cursors.values()].some((cursor) => cursor.busy),
    onMessages,
    onFault,
  })
  try {
    await answered((answer) => consumer.connect({ timeout: answerTimeoutMs }, answer))
  } catch (error) {
    throw unavailable(`Read ${topic}: no answer from ${rules.brokers.join(', ')}`, error)
  }

  function onMessages(messages: readonly KafkaMessage[]): void {
    for (const message of messages) cursors.get(message.partition)?.add(message)
    for (const cursor of cursors.values()) fitPause(cursor)
    arrived.wake()
  }

  /** The consumer does not say whose fault it is; the waiting cursors are looked at one by one. */
  async function onFault(fault: KafkaFault): Promise<void> {
    const waiting = [...cursors.values()].filter((cursor) => cursor.busy && cursor.isEmpty)
    if (isOutOfRange(fault)) await Promise.all(waiting.map(checkRange))
    else if (!isPassing(fault)) {
      for (const cursor of waiting) cursor.fault = unavailable(`Read ${topic}/${cursor.partition}`, fault)
    }
    arrived.wake()
  }

  async function checkRange(cursor: Cursor): Promise<void> {
    const { partition, next } = cursor
    try {
      const { lowOffset, highOffset } = await answered<{ lowOffset: number; highOffset: number }>((answer) =>
        consumer.queryWatermarkOffsets(topic, partition, answerTimeoutMs, answer),
      )
      if (cursor.next !== next || (next >= lowOffset && next <= highOffset)) return
      const text = `Read ${topic}/${partition}: offset ${next}, wanted ${lowOffset} to ${highOffset} (what is kept)`
      cursor.fault = new OffsetOutOfRangeError(text)
    } catch (error) {
      cursor.fault = unavailable(`Read ${topic}/${partition}`, error)
    }
  }

  function fitPause(cursor: Cursor): void {
    const full = cursor.bytes > limits.partitionBytesMax
    const pause = full || (!limits.fetchesAhead && !cursor.busy)
    if (pause === cursor.paused) return
    const place = [{ topic, partition: cursor.partition }]
    if (pause) consumer.pause(place)
    else consumer.resume(place)
    cursor.paused = pause
  }

  /** The cursor of the partition, at this offset. What was on its way from the old place is taken in before. */
  async function cursorAt(partition: number, offset: number): Promise<Cursor> {
    const known = cursors.get(partition)
    if (known !== undefined && known.next === offset && known.fault === null) return known
    moving++
    try {
      await pump.run()
      const place = { topic, partition }
      if (known !== undefined) consumer.incrementalUnassign([place])
      const cursor = known ?? new Cursor(partition, offset)
      cursor.moveTo(offset)
      cursor.paused = false
      consumer.incrementalAssign([{ ...place, offset }])
      consumer.resume([place])
      cursors.set(partition, cursor)
      return cursor
    } finally {
      moving--
    }
  }

  async function read(partition: number, from: number, options: ReadOptions, over: () => boolean) {
    if (over()) return []
    const cursor = await cursorAt(partition, from)
    cursor.busy = true
    fitPause(cursor)
    try {
      return await untilThere(cursor, options, over)
    } finally {
      cursor.busy = false
      if (cursors.get(partition) === cursor) fitPause(cursor)
    }
  }

  async function untilThere(cursor: Cursor, options: ReadOptions, over: () => boolean): Promise<StoredRecord[]> {
    const { waitMs, signal } = options
    const deadline = performance.now() + (waitMs > 0 ? waitMs : answerTimeoutMs)
    for (;;) {
      if (cursor.isEmpty) await pump.run()
      if (cursor.fault !== null) throw cursor.fault
      if (over() || signal?.aborted === true) return []
      if (!cursor.isEmpty) return cursor.take(options)
      // "Nothing there" is only said when the broker has said so: a redo counts on it.
      if (waitMs <= 0 && cursor.isAtEnd) return []
      const leftMs = deadline - performance.now()
      if (leftMs <= 0 && waitMs > 0) return []
      if (leftMs <= 0) {
        const place = `${topic}/${cursor.partition}`
        throw new LogUnavailableError(`Read ${place}: no answer within ${answerTimeoutMs} ms`, false)
      }
      await arrived.sleep(Math.min(leftMs, LOOK_AGAIN_MS), signal)
    }
  }

  return {
    cursorOf: (partition) => cursors.get(partition),
    read,
    wake: arrived.wake,
    forget: (partition) => {
      if (cursors.delete(partition)) consumer.incrementalUnassign([{ topic, partition }])
      arrived.wake()
    },
    close: async () => {
      cursors.clear()
      arrived.wake()
      await pump.stop()
      await answered((answer) => consumer.disconnect(answer))
    },
  }
}
