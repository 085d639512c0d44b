/** One place of reading in one partition: what was fetched from there on and not given out yet. */
import type { ReadOptions, StoredRecord } from './event-log.ts'
import type { KafkaMessage } from './kafka-client.ts'

export class Cursor {
  readonly partition: number
  /** The offset that the next record given out has, or a later one. */
  next: number
  /** End of the partition as the broker last told it; null before. */
  endSeenAt: number | null = null
  /** Why nothing more is fetched behind what is buffered. */
  fault: Error | null = null
  /** A read is under way. */
  busy = false
  paused = false
  /** When something last came or the cursor was placed, by `performance.now()`. */
  heardAtMs = performance.now()
  /** When the broker was last asked why nothing comes. */
  askedAtMs = 0
  #records: StoredRecord[] = []
  #bytes = 0

  constructor(partition: number, next: number) {
    this.partition = partition
    this.next = next
  }

  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#records.length === 0
  }

  /** Nothing is buffered and nothing comes: it must be placed anew. */
  get hasFailed(): boolean {
    return this.isEmpty && this.fault !== null
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
    return this.isEmpty && this.endSeenAt === this.next
  }

  add({ offset, timestamp, value }: KafkaMessage): void {
    if (offset < this.end) return
    const bytes = value ?? new Uint8Array(0)
    this.#records.push({ kind: 'ok', offset, arrivedAtMs: timestamp ?? 0, value: bytes })
    this.#bytes += bytes.byteLength
    this.heardAtMs = performance.now()
  }

  seeEnd(offset: number): void {
    this.endSeenAt = offset
    this.heardAtMs = performance.now()
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

  moveTo(offset: number): void {
    this.next = offset
    this.endSeenAt = null
    this.fault = null
    this.heardAtMs = performance.now()
    this.#records = []
    this.#bytes = 0
  }
}
