/**
 * Writes events that lie in slices as Avro, in the order of `usage-batch.v1.avsc`: byte for byte what
 * `encodeEvent(validateEvent(...))` makes of them, which the loader's fingerprints rely on (property test).
 */
import {
  fieldsOf,
  fromOf,
  TAG_KEY_FROM,
  TAG_KEY_TO,
  TAG_VALUE_FROM,
  TAG_VALUE_TO,
  tagPlace,
  textBytesOf,
  timeOf,
  toOf,
} from './event-slices.ts'
import { FIELD, FIELD_COUNT } from './field-table.ts'
import { copyLowerText, copyText } from './json-bytes.ts'

/**
 * What an event has beyond its JSON text at the most: one byte an absent field, a given id, and the end of the tags.
 * A field that is there is shorter than in JSON, where it has its name and quotes.
 */
const BEYOND_TEXT_BYTES = FIELD_COUNT + 64

/** Encodes one event at `pos`, as `encodeEvent` does: the position behind it, or minus one that would be enough. */
export function encodeSlices(event: number, buffer: Buffer, pos: number): number {
  const enough = pos + textBytesOf(event) + BEYOND_TEXT_BYTES
  if (enough > buffer.length) return -enough
  const fields = fieldsOf(event)
  let at = writeText(event, FIELD.org_id, buffer, pos)
  at = writeText(event, FIELD.event_id, buffer, at)
  at = writeText(event, FIELD.user_id, buffer, at)
  at = writeProvider(event, buffer, at)
  at = writeText(event, FIELD.model, buffer, at)
  at = writeInt(fromOf(event, FIELD.tokens_in), buffer, at)
  at = writeInt(fromOf(event, FIELD.tokens_out), buffer, at)
  at = writeLong(timeOf(event), buffer, at)
  at = writeOptionalText(event, fields, FIELD.region, buffer, at)
  at = writeOptionalText(event, fields, FIELD.team_id, buffer, at)
  at = writeOptionalText(event, fields, FIELD.project_id, buffer, at)
  at = writeOptionalText(event, fields, FIELD.source, buffer, at)
  at = writeOptionalInt(event, fields, FIELD.tokens_cache_read, buffer, at)
  at = writeOptionalInt(event, fields, FIELD.tokens_cache_write, buffer, at)
  at = writeOptionalInt(event, fields, FIELD.tokens_reasoning, buffer, at)
  buffer[at++] = has(fields, FIELD.reasoning_separate) ? fromOf(event, FIELD.reasoning_separate) : 0
  at = writeOptionalInt(event, fields, FIELD.latency_ms, buffer, at)
  at = writeOptionalText(event, fields, FIELD.tokens_source, buffer, at)
  at = writeOptionalText(event, fields, FIELD.service_tier, buffer, at)
  if (has(fields, FIELD.tags)) at = writeTags(event, buffer, at)
  buffer[at++] = 0
  return at
}

function has(fields: number, field: number): boolean {
  return (fields & (1 << field)) !== 0
}

/** Index of a union's branch, as Avro writes it: null first, the value second. */
const NULL_BRANCH = 0
const VALUE_BRANCH = 2

function writeOptionalText(event: number, fields: number, field: number, buffer: Buffer, pos: number): number {
  const there = has(fields, field)
  buffer[pos] = there ? VALUE_BRANCH : NULL_BRANCH
  return there ? writeText(event, field, buffer, pos + 1) : pos + 1
}

function writeOptionalInt(event: number, fields: number, field: number, buffer: Buffer, pos: number): number {
  const there = has(fields, field)
  buffer[pos] = there ? VALUE_BRANCH : NULL_BRANCH
  return there ? writeInt(fromOf(event, field), buffer, pos + 1) : pos + 1
}

function writeText(event: number, field: number, buffer: Buffer, pos: number): number {
  return writeSlice(fromOf(event, field), toOf(event, field), buffer, pos)
}

function writeSlice(from: number, to: number, buffer: Buffer, pos: number): number {
  return copyText(from, to, buffer, writeInt(to - from, buffer, pos))
}

function writeProvider(event: number, buffer: Buffer, pos: number): number {
  const from = fromOf(event, FIELD.provider)
  const to = toOf(event, FIELD.provider)
  return copyLowerText(from, to, buffer, writeInt(to - from, buffer, pos))
}

/** One block of pairs; the end of the map is the caller's. */
function writeTags(event: number, buffer: Buffer, pos: number): number {
  const first = fromOf(event, FIELD.tags)
  const end = toOf(event, FIELD.tags)
  if (first === end) return pos
  let at = writeInt(end - first, buffer, pos)
  for (let tag = first; tag < end; tag++) {
    at = writeSlice(tagPlace(tag, TAG_KEY_FROM), tagPlace(tag, TAG_KEY_TO), buffer, at)
    at = writeSlice(tagPlace(tag, TAG_VALUE_FROM), tagPlace(tag, TAG_VALUE_TO), buffer, at)
  }
  return at
}

/** Zigzag varint of an integer from 0 to 2^30 - 1. */
function writeInt(value: number, buffer: Buffer, pos: number): number {
  return writeVarint(value << 1, buffer, pos)
}

const LOW = 2 ** 27

/** Zigzag varint of an integer from 0 to 2^53 - 1: four groups of seven bits, then the rest. */
function writeLong(value: number, buffer: Buffer, pos: number): number {
  if (value < LOW) return writeInt(value, buffer, pos)
  const low = (value % LOW) << 1
  let at = pos
  for (let shift = 0; shift < 28; shift += 7) buffer[at++] = ((low >>> shift) & 0x7f) | 0x80
  return writeVarint(Math.floor(value / LOW), buffer, at)
}

function writeVarint(value: number, buffer: Buffer, pos: number): number {
  let at = pos
  let rest = value
  while (rest > 0x7f) {
    buffer[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  buffer[at++] = rest
  return at
}
