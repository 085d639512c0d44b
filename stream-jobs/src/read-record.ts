/**
 * Reads the bytes of one log record straight into columns: the Confluent header and one `UsageBatch` of our schema
 * (schemas/avro/usage-batch.v1.avsc), field by field in its order. Strict on purpose: whatever is not as our own edge
 * writes it (another schema id, a negative block count, a varint of more bytes than a count or a time needs, text that is
 * not UTF-8, tags that an object would hold in another order) is left to avsc, which reads it or says what is wrong
 * (decode-records.ts). So this reader never decides that a record is bad, and read-record.test.ts holds the two together.
 */
import { isUtf8 } from 'node:buffer'
import { type BatchSchemas, FOLDER_SCHEMAS } from '@ecomind/schemas/avro'
import { contentHash } from './content-hash.ts'
import type { EventColumns } from './event-columns.ts'
import type { NameTable } from './name-table.ts'

const HEADER_BYTES = 5
/** An event has 20 fields of at least a byte each; a record that counts more events than that can't be ours. */
const EVENT_BYTES_MIN = 20
/** Longest varints read here, in bytes: 4 hold a token count or a length, 7 a time. */
const COUNT_BYTES_MAX = 4
const TIME_BYTES_MAX = 7

/**
 * Where the reader stands, what it reads, and that it gave up. One record is read at a time, without a break, so one set
 * of them will do; as fields of an object or values handed on they cost a fifth more.
 */
let bytes = new Uint8Array(0)
let view = new DataView(bytes.buffer)
let names: NameTable
let pos = 0
let end = 0
let refused = false
const arrival = new Float64Array(1)

/**
 * Adds the events of the record that was copied to `columns.bytes` from `start` to its end. False: not read, and nothing
 * was added but names and tags that nobody refers to.
 */
export function readRecord(
  columns: EventColumns,
  start: number,
  offset: number,
  schemas: BatchSchemas = FOLDER_SCHEMAS,
): boolean {
  const first = columns.count
  const firstTag = columns.tagsUsed
  ;({ bytes, view, names } = columns)
  end = columns.bytesUsed
  refused = end - start < HEADER_BYTES || bytes[start] !== 0
  const schemaId = refused ? 0 : view.getInt32(start + 1)
  if (!schemas.isOwn(schemaId)) refused = true
  pos = start + HEADER_BYTES
  readTime(arrival, 0)
  skipText()
  const replayOf = readReplayOf()
  while (!refused) {
    const count = readCount()
    if (count === 0) break
    if (count * EVENT_BYTES_MIN > end - pos) refused = true
    else readEvents(columns, count)
  }
  if (refused || pos !== end || columns.count === first) {
    columns.count = first
    columns.tagsUsed = firstTag
    return false
  }
  columns.headRows(first, { offset, schemaId, arrivedAtMs: arrival[0] as number, replayOf })
  return true
}

function readEvents(columns: EventColumns, count: number): void {
  columns.reserveRows(count)
  const from = columns.count
  for (let row = from; row < from + count && !refused; row++) {
    const start = pos
    columns.orgs[row] = readName()
    columns.eventIdEnds[row] = readText()
    columns.eventIdStarts[row] = textStart
    columns.userIdEnds[row] = readText()
    columns.userIdStarts[row] = textStart
    columns.providers[row] = readName()
    columns.models[row] = readName()
    columns.tokensIn[row] = readCount()
    columns.tokensOut[row] = readCount()
    readTime(columns.ts, row)
    columns.regions[row] = readOptionalName()
    columns.teams[row] = readOptionalName()
    columns.projects[row] = readOptionalName()
    columns.sources[row] = readOptionalName()
    columns.tokensCacheRead[row] = isNull() ? 0 : readCount()
    columns.tokensCacheWrite[row] = isNull() ? 0 : readCount()
    columns.tokensReasoning[row] = isNull() ? 0 : readCount()
    columns.reasoningSeparate[row] = readBoolean()
    columns.latencyMs[row] = isNull() ? Number.NaN : readCount()
    columns.tokensSources[row] = readOptionalName()
    columns.serviceTiers[row] = readOptionalName()
    columns.tagFirsts[row] = columns.tagsUsed
    readTags(columns)
    columns.tagCounts[row] = columns.tagsUsed - (columns.tagFirsts[row] as number)
    columns.starts[row] = start
    columns.ends[row] = pos
    if (pos > end) refused = true
    else columns.contentHashes[row] = contentHash(bytes, view, start, pos)
  }
  columns.count = from + count
}

/**
 * May read a little beyond the end, where bytes of earlier records or zeros stand (READ_AHEAD_BYTES): the fields of an
 * event are few and a text is never longer than what is left, so it is enough to look where an event ended.
 */
function nextByte(): number {
  return bytes[pos++] as number
}

/** A number of 0 to 2^27 - 1; more, or less than 0, is left to avsc. */
function readCount(): number {
  let byte = nextByte()
  let zigzag = byte & 0x7f
  for (let read = 1; byte > 0x7f; read++) {
    if (read === COUNT_BYTES_MAX) {
      refused = true
      return 0
    }
    byte = nextByte()
    zigzag |= (byte & 0x7f) << (7 * read)
  }
  if ((zigzag & 1) === 1) refused = true
  return zigzag >>> 1
}

/** A whole number below 2^48, negative ones as well, into a column: a number handed back would be an object on the heap. */
function readTime(into: Float64Array, at: number): void {
  let byte = nextByte()
  const isNegative = (byte & 1) === 1
  let zigzag = byte & 0x7f
  let unit = 128
  for (let read = 1; byte > 0x7f; read++) {
    if (read === TIME_BYTES_MAX) {
      refused = true
      return
    }
    byte = nextByte()
    zigzag += (byte & 0x7f) * unit
    unit *= 128
  }
  into[at] = isNegative ? -(zigzag + 1) / 2 : zigzag / 2
}

function readBoolean(): number {
  const byte = nextByte()
  if (byte > 1) refused = true
  return byte
}

/** The branch of a union of null and something else. */
function isNull(): boolean {
  const branch = nextByte()
  if (branch !== 0 && branch !== 2) refused = true
  return branch === 0
}

/** Begin of what `readText` gave the end of. */
let textStart = 0

/** Steps over the length and the bytes of a text; returns where it ends. */
function skipText(): number {
  const length = readCount()
  textStart = pos
  if (length > end - pos) refused = true
  else pos += length
  return pos
}

function readText(): number {
  const textEnd = skipText()
  let bits = 0
  let i = textStart
  for (; i + 4 <= textEnd; i += 4) bits |= view.getInt32(i, true)
  bits &= 0x80808080 | 0
  for (; i < textEnd; i++) bits |= (bytes[i] as number) & 0x80
  if (bits !== 0 && !isUtf8(bytes.subarray(textStart, textEnd))) refused = true
  return textEnd
}

function readName(): number {
  const textEnd = skipText()
  if (refused) return 0
  const id = names.numberOf(bytes, view, textStart, textEnd)
  if (id >= 0) return id
  refused = true
  return 0
}

function readOptionalName(): number {
  return isNull() ? 0 : readName()
}

function readReplayOf(): string | null {
  if (isNull()) return null
  const textEnd = readText()
  return refused ? null : Buffer.from(bytes.buffer).toString('utf8', textStart, textEnd)
}

function readTags(columns: EventColumns): void {
  let keyBefore = 0
  let keyBeforeEnd = 0
  let first = true
  for (let left = readCount(); left > 0 && !refused; left = readCount()) {
    for (; left > 0 && !refused; left--) {
      const keyEnd = readText()
      const keyStart = textStart
      if (isMovedInObjects(keyStart, keyEnd)) refused = true
      if (!first && !isAscending(keyBefore, keyBeforeEnd, keyStart, keyEnd)) refused = true
      const valueEnd = readText()
      columns.addTag(keyStart, keyEnd, textStart, valueEnd)
      keyBefore = keyStart
      keyBeforeEnd = keyEnd
      first = false
    }
  }
}

const DIGIT_0 = 0x30
const DIGIT_9 = 0x39
const UNDERSCORE = 0x5f

/** Keys of digits come first in an object, whatever their order; `__proto__` is none. */
function isMovedInObjects(start: number, keyEnd: number): boolean {
  const head = bytes[start] as number
  if (head === UNDERSCORE) return bytes[start + 1] === UNDERSCORE
  for (let i = start; i < keyEnd; i++) {
    if ((bytes[i] as number) < DIGIT_0 || (bytes[i] as number) > DIGIT_9) return false
  }
  return true
}

/** As the edge writes them; equal keys are one in an object. */
function isAscending(a: number, aEnd: number, b: number, bEnd: number): boolean {
  const both = Math.min(aEnd - a, bEnd - b)
  for (let i = 0; i < both; i++) {
    const difference = (bytes[a + i] as number) - (bytes[b + i] as number)
    if (difference !== 0) return difference < 0
  }
  return aEnd - a < bEnd - b
}
