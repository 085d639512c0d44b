/**
 * Reads partitions from given offsets through one consumer that belongs to no group. Each partition has a cursor; a read
 * that goes on where the last one ended is served from what was fetched ahead, any other moves the cursor.
 */
import { LogUnavailableError, type ReadOptions, type StoredRecord } from './event-log.ts'
import { BACKLOG_FROM_BYTES, growBacklog } from './kafka-backlog.ts'
import { answered, type KafkaClient, type KafkaConsumer, type KafkaFault, type KafkaMessage } from './kafka-client.ts'
import { Cursor } from './kafka-cursor.ts'
import { isOutOfRange, isPassing, unavailable } from './kafka-errors.ts'
import { fetcherConfig, type KafkaRules } from './kafka-options.ts'
import { createPump, type Pump } from './kafka-pump.ts'
import { askBroker, isSilent, type OffsetRange } from './kafka-silence.ts'
import { createWakeUp } from './wake-up.ts'

export interface FetcherLimits {
  /** Bytes fetched ahead, over all partitions. */
  readonly queuedBytesMax: number
  /** Bytes that wait to be read while other partitions are; all partitions share them. */
  readonly bufferedBytesMax: number
  /** False: fetches nothing for partitions that nobody waits for. */
  readonly fetchesAhead: boolean
}

const clock = () => performance.now()
const LOOK_AGAIN_MS = 250
/** Longer no question about the log holds up a read. */
const ASK_MS = 1_000
/** With many partitions: one record at least, whatever their share of the bound. */
const PARTITION_BYTES_MIN = 2 ** 20

/** @throws LogUnavailableError when no broker answers */
export async function openFetcher(client: KafkaClient, rules: KafkaRules, limits: FetcherLimits): Promise<Fetcher> {
  const fetcher = new Fetcher(client, rules, limits)
  await fetcher.connect()
  return fetcher
}

export class Fetcher {
  readonly #rules: KafkaRules
  readonly #limits: FetcherLimits
  readonly #consumer: KafkaConsumer
  readonly #pump: Pump
  readonly #cursors = new Map<number, Cursor>()
  readonly #arrived = createWakeUp()
  /** Cursors that are being moved: meanwhile nothing is taken from the consumer. */
  #moving = 0
  #asking = false

  constructor(client: KafkaClient, rules: KafkaRules, limits: FetcherLimits) {
    this.#rules = rules
    this.#limits = limits
    const callbacks = { queue_non_empty_cb: () => void this.#pump.run() }
    // Never anywhere else than asked: no silent jump.
    const noJump = { 'auto.offset.reset': 'error' }
    this.#consumer = new client.KafkaConsumer(fetcherConfig(rules, limits.queuedBytesMax, callbacks), noJump)
    this.#consumer.setDefaultConsumeTimeout(0)
    this.#consumer.on('event.error', (fault) => rules.onFault(`reader: ${fault.message}`))
    this.#consumer.on('partition.eof', ({ partition, offset }) => this.#onEnd(partition, offset))
    this.#pump = createPump({
      consumer: this.#consumer,
      wanted: () => this.#moving === 0 && [...this.#cursors.values()].some((cursor) => cursor.busy),
      onMessages: (messages) => this.#onMessages(messages),
      onFault: (fault) => this.#onFault(fault),
    })
  }

  async connect(): Promise<void> {
    const { topic, brokers, answerTimeoutMs } = this.#rules
    try {
      await answered((answer) => this.#consumer.connect({ timeout: answerTimeoutMs }, answer))
    } catch (error) {
      throw unavailable(`Read ${topic}: no answer from ${brokers.join(', ')}`, error)
    }
  }

  /** Undefined when the partition was never read here. */
  cursorOf(partition: number): Cursor | undefined {
    return this.#cursors.get(partition)
  }

  /** One read a partition at a time. `over`: the reader has left or lost the partition. */
  async read(
    partition: number,
    from: number,
    options: ReadOptions,
    over: () => boolean,
  ): Promise<readonly StoredRecord[]> {
    if (over()) return []
    const cursor = await this.#cursorAt(partition, from)
    cursor.busy = true
    this.#fitPause(cursor)
    try {
      return await this.#untilThere(cursor, options, over)
    } finally {
      cursor.busy = false
      if (this.#cursors.get(partition) === cursor) this.#fitPause(cursor)
    }
  }

  /** Waiting reads look again whether they are over. */
  wake(): void {
    this.#arrived.wake()
  }

  forget(partition: number): void {
    if (this.#cursors.delete(partition)) this.#consumer.incrementalUnassign([this.#place(partition)])
    this.#arrived.wake()
  }

  async close(): Promise<void> {
    this.#cursors.clear()
    this.#arrived.wake()
    await this.#pump.stop()
    await answered((answer) => this.#consumer.disconnect(answer))
  }

  /** The cursor of the partition, at this offset. What was on its way from the old place is taken in before. */
  async #cursorAt(partition: number, offset: number): Promise<Cursor> {
    const known = this.#cursors.get(partition)
    if (known !== undefined && known.next === offset && known.fault === null) return known
    this.#moving++
    try {
      await this.#pump.run()
      const place = this.#place(partition)
      if (known !== undefined) this.#consumer.incrementalUnassign([place])
      const cursor = known ?? new Cursor(partition, offset, clock())
      cursor.moveTo(offset, clock())
      this.#consumer.incrementalAssign([{ ...place, offset }])
      this.#consumer.resume([place])
      this.#cursors.set(partition, cursor)
      return cursor
    } finally {
      this.#moving--
    }
  }

  async #untilThere(cursor: Cursor, options: ReadOptions, over: () => boolean): Promise<StoredRecord[]> {
    const { waitMs, signal } = options
    const { topic, answerTimeoutMs } = this.#rules
    const deadline = clock() + (waitMs > 0 ? waitMs : answerTimeoutMs)
    for (;;) {
      if (cursor.isEmpty) await this.#pump.run()
      await this.#grow(cursor, options, over)
      if (cursor.fault !== null) throw cursor.fault
      if (over() || signal?.aborted === true) return []
      if (!cursor.isEmpty) return cursor.take(options)
      // "Nothing there" is only said when the broker has said so: a redo counts on it.
      if (waitMs <= 0 && cursor.isAtEnd) return []
      const leftMs = deadline - clock()
      if (leftMs <= 0 && waitMs > 0) return []
      if (leftMs <= 0) {
        const place = `${topic}/${cursor.partition}`
        throw new LogUnavailableError(`Read ${place}: no answer within ${answerTimeoutMs} ms`, false)
      }
      if (!this.#asking && isSilent(cursor, clock())) await this.#ask(cursor)
      else await this.#arrived.sleep(Math.min(leftMs, LOOK_AGAIN_MS), signal)
    }
  }

  /** A large read takes what is behind it as well. */
  async #grow(cursor: Cursor, options: ReadOptions, over: () => boolean): Promise<void> {
    await growBacklog({
      cursor,
      wanted: () =>
        this.#limits.fetchesAhead &&
        !cursor.paused &&
        cursor.bytes >= BACKLOG_FROM_BYTES &&
        !cursor.holds(options) &&
        !over() &&
        options.signal?.aborted !== true,
      askEnd: async (timeoutMs) => (await this.#range(cursor.partition, timeoutMs)).highOffset,
      more: async (timeoutMs) => {
        void this.#pump.run()
        await this.#arrived.sleep(timeoutMs, options.signal)
      },
    })
  }

  /** What is kept of the partition, as its broker says. */
  #range(partition: number, timeoutMs: number) {
    return answered<OffsetRange>((answer) =>
      this.#consumer.queryWatermarkOffsets(this.#rules.topic, partition, timeoutMs, answer),
    )
  }

  #onMessages(messages: readonly KafkaMessage[]): void {
    const nowMs = clock()
    for (const message of messages) this.#cursors.get(message.partition)?.add(message, nowMs)
    for (const cursor of this.#cursors.values()) this.#fitPause(cursor)
    this.#arrived.wake()
  }

  #onEnd(partition: number, offset: number): void {
    this.#cursors.get(partition)?.seeEnd(offset, clock())
    this.#arrived.wake()
  }

  /** The consumer does not say whose fault it is; whoever has nothing to give out asks for itself. */
  #onFault(fault: KafkaFault): void {
    for (const cursor of this.#cursors.values()) {
      if (isOutOfRange(fault)) cursor.isSuspect = true
      else if (!isPassing(fault) && cursor.busy && cursor.isEmpty)
        cursor.fault = unavailable(`Read ${this.#rules.topic}/${cursor.partition}`, fault)
    }
    this.#arrived.wake()
  }

  /** One question at a time: each holds a thread of the pool until the broker answers. */
  async #ask(cursor: Cursor): Promise<void> {
    const { partition } = cursor
    this.#asking = true
    try {
      const range = () => this.#range(partition, ASK_MS)
      await askBroker(cursor, { place: `${this.#rules.topic}/${partition}`, range, clock })
    } finally {
      this.#asking = false
    }
  }

  #fitPause(cursor: Cursor): void {
    const share = Math.max(PARTITION_BYTES_MIN, this.#limits.bufferedBytesMax / this.#cursors.size)
    // A pause throws away what the client has queued, so it ends only when there is room for more than a record.
    const full = cursor.bytes > (cursor.paused ? share / 2 : share)
    const pause = full || (!this.#limits.fetchesAhead && !cursor.busy)
    if (pause === cursor.paused) return
    const places = [this.#place(cursor.partition)]
    if (pause) this.#consumer.pause(places)
    else this.#consumer.resume(places)
    cursor.paused = pause
  }

  #place(partition: number) {
    return { topic: this.#rules.topic, partition }
  }
}
