/** One place of reading in one partition: what was fetched from there on and not given out yet. */
import type { ReadOptions, StoredRecord } from './event-log.ts'
import type { KafkaMessage } from './kafka-client.ts'

export class Cursor {
  readonly partition: number
  /** The offset that the next record given out has, or a later one. */
  next: number
  /** Why nothing more comes from here. */
  fault: Error | null = null
  /** A read is under way. */
  busy = false
  paused = false
  /** Somebody's offset was out of range, the consumer does not say whose. */
  isSuspect = false
  /** When something last came or the cursor was placed, and when the broker was last asked why nothing comes: milliseconds. */
  heardAtMs: number
  askedAtMs = 0
  /** End of the partition as the broker last told it; null before. */
  #endSeenAt: number | null = null
  /** Since when the broker says that there is more, while nothing comes. */
  #behindSinceMs: number | null = null
  #records: StoredRecord[] = []
  #bytes = 0

  constructor(partition: number, next: number, nowMs: number) {
    this.partition = partition
    this.next = next
    this.heardAtMs = nowMs
  }

  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#records.length === 0
  }

  /** The offset behind what is buffered. */
  get end(): number {
    return (this.#records.at(-1)?.offset ?? this.next - 1) + 1
  }

  /** As much is buffered as a read may take. */
  holds({ maxRecords, maxBytes }: ReadOptions): boolean {
    return this.#records.length >= maxRecords || this.#bytes >= maxBytes
  }

  /** Nothing is buffered and the broker has said that nothing is behind `next`. */
  get isAtEnd(): boolean {
    return this.isEmpty && this.#endSeenAt === this.next
  }

  add({ offset, timestamp, value }: KafkaMessage, nowMs: number): void {
    if (offset < this.end) return
    const bytes = value ?? new Uint8Array(0)
    this.#records.push({ kind: 'ok', offset, arrivedAtMs: timestamp ?? 0, value: bytes })
    this.#bytes += bytes.byteLength
    this.#hear(nowMs)
  }

  seeEnd(offset: number, nowMs: number): void {
    this.#endSeenAt = offset
    this.#hear(nowMs)
  }

  /** Told that more is there; gives how long it has been so while nothing came, in milliseconds. */
  seeBehind(nowMs: number): number {
    this.#behindSinceMs ??= nowMs
    return nowMs - this.#behindSinceMs
  }

  take({ maxRecords, maxBytes }: ReadOptions): StoredRecord[] {
    let count = 0
    let bytes = 0
    for (const { value } of this.#records) {
      if (count >= maxRecords || (bytes >= maxBytes && count > 0)) break
      bytes += value.byteLength
      count++
    }
    const taken = this.#records.slice(0, count)
    this.#records = this.#records.slice(count)
    this.#bytes -= bytes
    this.next = (taken.at(-1)?.offset ?? this.next - 1) + 1
    return taken
  }

  moveTo(offset: number, nowMs: number): void {
    this.next = offset
    this.#endSeenAt = null
    this.fault = null
    this.paused = false
    this.isSuspect = false
    this.#records = []
    this.#bytes = 0
    this.#hear(nowMs)
  }

  #hear(nowMs: number): void {
    this.heardAtMs = nowMs
    this.#behindSinceMs = null
  }
}
