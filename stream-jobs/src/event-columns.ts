/**
 * The events of one batch, a column a field: typed arrays that grow and are used again for the next batch. An event is a
 * row number. Texts are places in `bytes`, into which every record is copied; names of few distinct values are numbers
 * of `names`. What is absent is number 0, 0 tokens or, for the latency, NaN.
 */
import { DAY_MS } from './arrival-day.ts'
import type { IdColumns } from './dedupe-index.ts'
import { KEY_WORDS } from './id-key.ts'
import { NameTable } from './name-table.ts'

/** What all events of one log record share. */
export interface RecordHead {
  readonly offset: number
  readonly schemaId: number
  /** Epoch milliseconds. */
  readonly arrivedAtMs: number
  /** Position of the quarantined event that the events replay, or null. */
  readonly replayOf: string | null
}

/** Its events are the rows from `first` to `end`. */
export interface RecordRows extends RecordHead {
  readonly first: number
  readonly end: number
}

const ROWS_FIRST = 1024
const BYTES_FIRST = 2 ** 18
/** So many bytes behind those in use can be read as well: a reader need not look before every byte. */
export const READ_AHEAD_BYTES = 1024
/** `keys` has four words a row, `tagSpans` four places a tag. */
export const SPAN_WORDS = 4

export class EventColumns implements IdColumns {
  count = 0
  names = new NameTable()
  /** Every record, as it came. */
  bytes = new Uint8Array(BYTES_FIRST)
  view = new DataView(this.bytes.buffer)
  bytesUsed = 0

  /** Those with events, in the order of rows. */
  records: RecordRows[] = []
  /** Index in `records`. */
  recordOf = new Uint32Array(ROWS_FIRST)
  offsets = new Float64Array(ROWS_FIRST)
  indexes = new Uint32Array(ROWS_FIRST)
  arrivedAtMs = new Float64Array(ROWS_FIRST)
  arrivalDays = new Int32Array(ROWS_FIRST)
  /** CRC-32 of the event's Avro bytes, which stand from `starts` to `ends`. */
  contentHashes = new Uint32Array(ROWS_FIRST)
  starts = new Uint32Array(ROWS_FIRST)
  ends = new Uint32Array(ROWS_FIRST)
  /** For the dedupe index; filled by prepare-batch.ts. */
  keys = new Uint32Array(ROWS_FIRST * KEY_WORDS)

  eventIdStarts = new Uint32Array(ROWS_FIRST)
  eventIdEnds = new Uint32Array(ROWS_FIRST)
  userIdStarts = new Uint32Array(ROWS_FIRST)
  userIdEnds = new Uint32Array(ROWS_FIRST)
  orgs = new Uint32Array(ROWS_FIRST)
  teams = new Uint32Array(ROWS_FIRST)
  projects = new Uint32Array(ROWS_FIRST)
  sources = new Uint32Array(ROWS_FIRST)
  providers = new Uint32Array(ROWS_FIRST)
  models = new Uint32Array(ROWS_FIRST)
  regions = new Uint32Array(ROWS_FIRST)
  tokensSources = new Uint32Array(ROWS_FIRST)
  serviceTiers = new Uint32Array(ROWS_FIRST)

  /** Epoch milliseconds. */
  ts = new Float64Array(ROWS_FIRST)
  tokensIn = new Float64Array(ROWS_FIRST)
  tokensOut = new Float64Array(ROWS_FIRST)
  tokensCacheRead = new Float64Array(ROWS_FIRST)
  tokensCacheWrite = new Float64Array(ROWS_FIRST)
  tokensReasoning = new Float64Array(ROWS_FIRST)
  reasoningSeparate = new Uint8Array(ROWS_FIRST)
  latencyMs = new Float64Array(ROWS_FIRST)

  /** Tags of a row: from this tag on, so many; of a tag: begin and end of its key and of its value. */
  tagFirsts = new Uint32Array(ROWS_FIRST)
  tagCounts = new Uint32Array(ROWS_FIRST)
  tagSpans = new Uint32Array(64 * SPAN_WORDS)
  tagsUsed = 0

  /** Empty again, with the memory it has. */
  clear(): void {
    this.count = 0
    this.bytesUsed = 0
    this.tagsUsed = 0
    this.records = []
    if (this.names.isFull) this.names = new NameTable()
  }

  get capacity(): number {
    return this.recordOf.length
  }

  /** Room for so many rows more. */
  reserveRows(rows: number): void {
    if (this.count + rows > this.capacity) this.#growRows(Math.max(this.count + rows, this.capacity * 2))
  }

  /** Room for so many bytes more. */
  reserveBytes(length: number): void {
    const need = this.bytesUsed + length + READ_AHEAD_BYTES
    if (need <= this.bytes.length) return
    this.bytes = grown(this.bytes, Math.max(need, this.bytes.length * 2))
    this.view = new DataView(this.bytes.buffer)
  }

  /** Copies bytes in and returns where they begin. */
  addBytes(bytes: Uint8Array): number {
    this.reserveBytes(bytes.length)
    const start = this.bytesUsed
    this.bytes.set(bytes, start)
    this.bytesUsed = start + bytes.length
    return start
  }

  addTag(keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    const at = this.tagsUsed * SPAN_WORDS
    if (at === this.tagSpans.length) this.tagSpans = grown(this.tagSpans, at * 2)
    this.tagSpans[at] = keyStart
    this.tagSpans[at + 1] = keyEnd
    this.tagSpans[at + 2] = valueStart
    this.tagSpans[at + 3] = valueEnd
    this.tagsUsed += 1
  }

  /** Gives the rows from `from` on, all of one record, what its head says. */
  headRows(from: number, head: RecordHead): void {
    const to = this.count
    const record = this.records.push({ ...head, first: from, end: to }) - 1
    const { recordOf, offsets, indexes, arrivedAtMs, arrivalDays } = this
    const day = Math.floor(head.arrivedAtMs / DAY_MS)
    for (let row = from; row < to; row++) {
      recordOf[row] = record
      offsets[row] = head.offset
      indexes[row] = row - from
      arrivedAtMs[row] = head.arrivedAtMs
      arrivalDays[row] = day
    }
  }

  headOf(row: number): RecordHead {
    const head = this.records[this.recordOf[row] ?? -1]
    if (row >= this.count || head === undefined) throw new RangeError(`read a column: row ${row} of ${this.count}`)
    return head
  }

  eventId(row: number): string {
    return textAt(this.bytes, this.eventIdStarts[row] ?? 0, this.eventIdEnds[row] ?? 0)
  }

  org(row: number): string {
    return this.names.text(this.orgs[row] ?? 0)
  }

  /** The event's Avro bytes, a copy. */
  eventBytes(row: number): Uint8Array {
    return this.bytes.slice(this.starts[row], this.ends[row])
  }

  #growRows(rows: number): void {
    for (const name of ROW_COLUMNS) growColumn(this, name, rows)
    this.keys = grown(this.keys, rows * KEY_WORDS)
  }
}

type RowColumn = {
  [K in keyof EventColumns]: EventColumns[K] extends Uint8Array | Int32Array | Uint32Array | Float64Array ? K : never
}[keyof EventColumns]

/** One element a row. */
const ROW_COLUMNS = [
  'recordOf',
  'offsets',
  'indexes',
  'arrivedAtMs',
  'arrivalDays',
  'contentHashes',
  'starts',
  'ends',
  'eventIdStarts',
  'eventIdEnds',
  'userIdStarts',
  'userIdEnds',
  'orgs',
  'teams',
  'projects',
  'sources',
  'providers',
  'models',
  'regions',
  'tokensSources',
  'serviceTiers',
  'ts',
  'tokensIn',
  'tokensOut',
  'tokensCacheRead',
  'tokensCacheWrite',
  'tokensReasoning',
  'reasoningSeparate',
  'latencyMs',
  'tagFirsts',
  'tagCounts',
] as const satisfies readonly RowColumn[]

function growColumn<K extends (typeof ROW_COLUMNS)[number]>(columns: EventColumns, name: K, rows: number): void {
  columns[name] = grown(columns[name], rows)
}

type Column = Uint8Array | Int32Array | Uint32Array | Float64Array

/** The same content at the front of a longer array. */
export function grown<T extends Column>(column: T, length: number): T {
  const bigger = new (column.constructor as new (length: number) => T)(length)
  bigger.set(column)
  return bigger
}

export function textAt(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8', start, end)
}
