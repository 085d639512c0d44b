/** One partition's share of the group commit: see `group-commit.ts`. */
import type { EventLog, LogRecord } from '@ecomind/event-log'
import { frameBatch } from '@ecomind/schemas/avro'
import type { FaultPoint } from './fault-point.ts'

/** What a group grows in: the same bytes in two forms, because each is fast at another thing. */
export interface GroupBuffer {
  readonly bytes: Buffer
  readonly view: DataView
}

export function groupBuffer(length: number): GroupBuffer {
  const bytes = Buffer.allocUnsafeSlow(length)
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, length) }
}

/** Events of one request that can be written as Avro: objects, or places in the request's body. */
export interface EncodableEvents {
  readonly count: number
  partitionOf(index: number, partitions: number): number
  /** Encodes one event at `pos`: the position behind it, or, when the buffer is too small, minus one that is enough. */
  encode(index: number, buffer: GroupBuffer, pos: number): number
  /** The ids as the inside of a JSON array. */
  idsAsJson(): string
}

/** One request that waits for its groups. */
export interface Waiter {
  /** Called once, when all groups are done; `failure` is the first error. */
  settled(failure: unknown): void
  /** Takes what `settled` threw; the waiters behind it hear all the same. Must not throw. */
  fail(fault: unknown): void
}

export interface GroupCommitOptions {
  readonly log: Pick<EventLog, 'append' | 'partitions'>
  readonly edgeId: string
  /** How long a group waits for more events, in milliseconds. */
  readonly delayMs: number
  /** Encoded bytes at which a group is cut early. */
  readonly maxBytes: number
  readonly nowMs: () => number
  readonly faultPoint: FaultPoint
  /** Told of every append: bytes, events, how long it took, and its error or null. */
  readonly onAppend: (outcome: AppendOutcome) => void
}

export interface AppendOutcome {
  readonly bytes: number
  readonly events: number
  readonly tookMs: number
  readonly failure: unknown
}

const FIRST_BUFFER_BYTES = 64 * 1024

/** A request's standing over all partitions. */
export class Ticket {
  readonly waiter: Waiter
  /** Groups that are not done, plus one until all events are added. */
  pending = 1
  failure: unknown = null

  constructor(waiter: Waiter) {
    this.waiter = waiter
  }

  done(failure: unknown): void {
    this.failure ??= failure
    this.pending--
    if (this.pending !== 0) return
    try {
      this.waiter.settled(this.failure)
    } catch (error) {
      this.waiter.fail(error)
    }
  }
}

/** The group that fills and the append under way of one partition. */
export class PartitionGroup {
  readonly #partition: number
  readonly #options: GroupCommitOptions
  readonly #becameIdle: () => void
  readonly #flushSoon: () => void
  #buffer = groupBuffer(FIRST_BUFFER_BYTES)
  #length = 0
  #count = 0
  #arrivedAtMs = 0
  /** Records that were cut at their size and wait for the next append. */
  #cut: LogRecord[] = []
  #cutEvents = 0
  #tickets: Ticket[] = []
  #appending = false
  #wantsFlush = false
  #appendingBytes = 0

  constructor(partition: number, options: GroupCommitOptions, becameIdle: () => void, flushSoon: () => void) {
    this.#partition = partition
    this.#options = options
    this.#becameIdle = becameIdle
    this.#flushSoon = flushSoon
  }

  get isIdle(): boolean {
    return !this.#appending && this.#tickets.length === 0
  }

  get waitingBytes(): number {
    return this.#length + this.#appendingBytes + this.#cut.reduce((sum, record) => sum + record.value.length, 0)
  }

  add(events: EncodableEvents, index: number, ticket: Ticket): void {
    if (this.#count === 0) this.#arrivedAtMs = this.#options.nowMs()
    this.#encode(events, index)
    this.#count++
    if (this.#tickets[this.#tickets.length - 1] !== ticket) {
      this.#tickets.push(ticket)
      ticket.pending++
    }
    if (this.#length < this.#options.maxBytes) return
    this.#cutRecord()
    this.flush()
  }

  /** Appends what waits, or notes that it is due when the last append is still under way. */
  flush(): void {
    if (this.#tickets.length === 0) return
    this.#wantsFlush = this.#appending
    if (this.#wantsFlush) return
    this.#cutRecord()
    const [records, tickets, events] = [this.#cut, this.#tickets, this.#cutEvents]
    this.#cut = []
    this.#tickets = []
    this.#cutEvents = 0
    void this.#append(records, tickets, events)
  }

  #encode(events: EncodableEvents, index: number): void {
    let end = events.encode(index, this.#buffer, this.#length)
    while (end < 0 || end > this.#buffer.bytes.length) {
      const larger = groupBuffer(Math.max(this.#buffer.bytes.length * 2, Math.abs(end)))
      this.#buffer.bytes.copy(larger.bytes, 0, 0, this.#length)
      this.#buffer = larger
      end = events.encode(index, this.#buffer, this.#length)
    }
    this.#length = end
  }

  #cutRecord(): void {
    if (this.#count === 0) return
    const head = { arrivedAtMs: this.#arrivedAtMs, edgeId: this.#options.edgeId, replayOf: null }
    const value = frameBatch(head, this.#count, this.#buffer.bytes.subarray(0, this.#length))
    this.#cut.push({ value, arrivedAtMs: this.#arrivedAtMs })
    this.#cutEvents += this.#count
    this.#length = 0
    this.#count = 0
  }

  async #append(records: readonly LogRecord[], tickets: readonly Ticket[], events: number): Promise<void> {
    const { log, nowMs, faultPoint, onAppend } = this.#options
    const bytes = records.reduce((sum, record) => sum + record.value.length, 0)
    const startedMs = nowMs()
    let failure: unknown = null
    this.#appending = true
    this.#appendingBytes += bytes
    try {
      faultPoint('edge-before-append')
      await log.append(this.#partition, records)
      faultPoint('edge-after-append')
    } catch (error) {
      failure = error ?? new Error('append: failed without a reason')
    }
    this.#appending = false
    this.#appendingBytes -= bytes
    onAppend({ bytes, events, tookMs: nowMs() - startedMs, failure })
    for (const ticket of tickets) ticket.done(failure)
    faultPoint('edge-after-answer')
    // The answers bring the next requests of the same clients: worth the delay, for they share the next flush.
    if (this.#cut.length > 0) this.flush()
    else if (this.#wantsFlush) this.#flushSoon()
    if (this.isIdle) this.#becameIdle()
  }
}
