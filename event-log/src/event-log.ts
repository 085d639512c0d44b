/**
 * The log port. What the edge appends to, the loader reads from; embedded (LMDB), Kafka or memory behind it.
 *
 * Promises, the same for every implementation (event-log.contract.ts checks them):
 * - Order: offsets of a partition rise by at least 1 from record to record, never go back and are never given twice,
 *   also after a crash. Records of one partition are read in the order of their offsets.
 * - Acknowledgement: `append` resolves only when the records are durable (flushed to disk, or acknowledged by all
 *   in-sync brokers). All records of one call are appended or none. Records of calls that were made one after the
 *   other for one partition keep that order.
 * - A rejected append stored nothing, unless it rejected with `unknown: true`; then the records may be there.
 *   Whoever retries may so write a record twice: duplicates are the reader's to drop.
 * - Reading gives every durable record exactly once per pass, whole; a record that fails its checksum is given as
 *   corrupt, never left out. Reading from an offset that was trimmed away throws OffsetOutOfRangeError: no silent jump.
 * - A commit is durable when it resolves and keeps its note. Only a present member of the group may commit; a member
 *   whose partition went to another gets FencedError.
 * - `close` refuses new appends, waits for those under way to be durable, then frees everything. It can be called twice.
 */

export interface LogRecord {
  readonly value: Uint8Array
  /** Epoch milliseconds; retention counts from it, so it is never an event's own time. */
  readonly arrivedAtMs: number
}

export type StoredRecord =
  | { readonly kind: 'ok'; readonly offset: number; readonly arrivedAtMs: number; readonly value: Uint8Array }
  /** The bytes are there but fail their checksum. */
  | {
      readonly kind: 'corrupt'
      readonly offset: number
      readonly arrivedAtMs: number | null
      readonly value: Uint8Array
      readonly detail: string
    }

export interface ReadOptions {
  /** At most this many records. */
  readonly maxRecords: number
  /** Stops behind the record that passes this many bytes; one record is always given, however large. */
  readonly maxBytes: number
  /** How long to wait for a first record, in milliseconds; 0 answers at once. */
  readonly waitMs: number
  readonly signal?: AbortSignal
}

export interface CommittedOffset {
  /** The next offset to read. */
  readonly offset: number
  /** What the committer wrote beside it; empty if nothing. At most 4 KiB. */
  readonly note: string
}

export interface PartitionStats {
  readonly partition: number
  /** Offset of the oldest record kept; equals `nextOffset` when there is none. */
  readonly firstOffset: number
  /** Offset that the next record gets, or more. */
  readonly nextOffset: number
  /** Bytes of the records kept, roughly. */
  readonly bytes: number
  /** Arrival of the oldest record kept, epoch milliseconds. */
  readonly oldestArrivedAtMs: number | null
}

export interface Assignment {
  readonly partitions: readonly number[]
}

export interface MembershipListener {
  /** The partitions this member owns from now on. Called once before `join` resolves and after every rebalance. */
  readonly onAssigned: (assignment: Assignment) => void
  /** Partitions that go to another member; the log waits for the returned promise before it hands them over. */
  readonly onRevoked: (partitions: readonly number[]) => Promise<void>
}

/** One reader's place in a group. */
export interface Membership {
  /**
   * Records from `fromOffset` on, ascending; empty when none came within `waitMs`, when the signal aborted, or when the
   * member left or the log was closed meanwhile.
   * @throws OffsetOutOfRangeError when `fromOffset` was trimmed away or lies beyond the end
   * @throws FencedError when the partition is not this member's any more
   */
  read(partition: number, fromOffset: number, options: ReadOptions): Promise<readonly StoredRecord[]>
  /**
   * @throws FencedError when the partition is not this member's any more
   * @throws RangeError when the note is longer than 4 KiB
   * @throws LogUnavailableError when it can't be told whether the commit was kept
   */
  commit(partition: number, offset: number, note: string): Promise<void>
  /** Null when the group never committed for this partition. */
  committed(partition: number): Promise<CommittedOffset | null>
  leave(): Promise<void>
}

export interface EventLog {
  /** How many partitions the topic has; fixed for the life of the log. */
  readonly partitions: number
  /** Identity of this log: changes when the log is created anew, so that positions are never confused. 1 .. 2^32-1. */
  readonly generation: number
  /**
   * Resolves with the offset of the first record when all are durable. Values are copied before the call returns. Null: all
   * are stored, once, but the log was not told where (Kafka, when a repeated request finds them there).
   * @throws LogFullError, LogUnavailableError; RangeError for no records or a partition that is not there
   */
  append(partition: number, records: readonly LogRecord[]): Promise<number | null>
  /** @throws GroupTakenError when the implementation allows one member a group and a live one is there */
  join(group: string, listener: MembershipListener): Promise<Membership>
  stats(): Promise<readonly PartitionStats[]>
  close(): Promise<void>
}

export class LogFullError extends Error {
  override readonly name = 'LogFullError'
  /** A sensible pause before the next try, in seconds. */
  readonly retryAfterSeconds: number
  constructor(message: string, retryAfterSeconds = 5) {
    super(message)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export class LogUnavailableError extends Error {
  override readonly name = 'LogUnavailableError'
  /** True when the records may have been stored all the same. */
  readonly unknown: boolean
  constructor(message: string, unknown: boolean, options?: ErrorOptions) {
    super(message, options)
    this.unknown = unknown
  }
}

export class OffsetOutOfRangeError extends Error {
  override readonly name = 'OffsetOutOfRangeError'
}

export class FencedError extends Error {
  override readonly name = 'FencedError'
}

export class GroupTakenError extends Error {
  override readonly name = 'GroupTakenError'
}
