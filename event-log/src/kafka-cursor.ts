/** One place of reading in one partition: what was fetched from there on and not given out yet. */
import type { ReadOptions, StoredRecord } from './event-log.ts'
import type { KafkaMessage } from './kafka-client.ts'

export class Cursor {
  readonly partition: number
  /** The offset that the next record given out has, or a later one. */
  next: number
  /** End of the partition as the broker last told it; null before. */
  endSeenAt: number | null = null
  /** Why nothing more comes from here. */
  fault: Error | null = null
  /** A read is under way. */
  busy = false
  paused = false
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
    this.paused = false
    this.#records = []
    this.#bytes = 0
  }
}
