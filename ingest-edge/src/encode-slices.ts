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
 * What an event has beyond its JSON text at the most: one byte an absent field, a given id and organisation, the end of
 * the tags, and what `copyText` overwrites behind it.
 * A field that is there is shorter than in JSON, where it has its name and quotes.
 */
const BEYOND_TEXT_BYTES = FIELD_COUNT + 128

/** Encodes one event at `pos`, as `encodeEvent` does: the position behind it, or minus one that would be enough. */
export function encodeSlices(event: number, target: DataView, pos: number): number {
  const enough = pos + textBytesOf(event) + BEYOND_TEXT_BYTES
  if (enough > target.byteLength) return -enough
  const fields = fieldsOf(event)
  let at = writeText(event, FIELD.org_id, target, pos)
  at = writeText(event, FIELD.event_id, target, at)
  at = writeText(event, FIELD.user_id, target, at)
  at = writeProvider(event, target, at)
  at = writeText(event, FIELD.model, target, at)
  at = writeInt(fromOf(event, FIELD.tokens_in), target, at)
  at = writeInt(fromOf(event, FIELD.tokens_out), target, at)
  at = writeLong(timeOf(event), target, at)
  at = writeOptionalText(event, fields, FIELD.region, target, at)
  at = writeOptionalText(event, fields, FIELD.team_id, target, at)
  at = writeOptionalText(event, fields, FIELD.project_id, target, at)
  at = writeOptionalText(event, fields, FIELD.source, target, at)
  at = writeOptionalInt(event, fields, FIELD.tokens_cache_read, target, at)
  at = writeOptionalInt(event, fields, FIELD.tokens_cache_write, target, at)
  at = writeOptionalInt(event, fields, FIELD.tokens_reasoning, target, at)
  target.setUint8(at++, has(fields, FIELD.reasoning_separate) ? fromOf(event, FIELD.reasoning_separate) : 0)
  at = writeOptionalInt(event, fields, FIELD.latency_ms, target, at)
  at = writeOptionalText(event, fields, FIELD.tokens_source, target, at)
  at = writeOptionalText(event, fields, FIELD.service_tier, target, at)
  if (has(fields, FIELD.tags)) at = writeTags(event, target, at)
  target.setUint8(at++, 0)
  return at
}

function has(fields: number, field: number): boolean {
  return (fields & (1 << field)) !== 0
}

/** Index of a union's branch, as Avro writes it: null first, the value second. */
const NULL_BRANCH = 0
const VALUE_BRANCH = 2

function writeOptionalText(event: number, fields: number, field: number, target: DataView, pos: number): number {
  const there = has(fields, field)
  target.setUint8(pos, there ? VALUE_BRANCH : NULL_BRANCH)
  return there ? writeText(event, field, target, pos + 1) : pos + 1
}

function writeOptionalInt(event: number, fields: number, field: number, target: DataView, pos: number): number {
  const there = has(fields, field)
  target.setUint8(pos, there ? VALUE_BRANCH : NULL_BRANCH)
  return there ? writeInt(fromOf(event, field), target, pos + 1) : pos + 1
}

function writeText(event: number, field: number, target: DataView, pos: number): number {
  return writeSlice(fromOf(event, field), toOf(event, field), target, pos)
}

function writeSlice(from: number, to: number, target: DataView, pos: number): number {
  return copyText(from, to, target, writeInt(to - from, target, pos))
}

function writeProvider(event: number, target: DataView, pos: number): number {
  const from = fromOf(event, FIELD.provider)
  const to = toOf(event, FIELD.provider)
  return copyLowerText(from, to, target, writeInt(to - from, target, pos))
}

/** One block of pairs; the end of the map is the caller's. */
function writeTags(event: number, target: DataView, pos: number): number {
  const first = fromOf(event, FIELD.tags)
  const end = toOf(event, FIELD.tags)
  if (first === end) return pos
  let at = writeInt(end - first, target, pos)
  for (let tag = first; tag < end; tag++) {
    at = writeSlice(tagPlace(tag, TAG_KEY_FROM), tagPlace(tag, TAG_KEY_TO), target, at)
    at = writeSlice(tagPlace(tag, TAG_VALUE_FROM), tagPlace(tag, TAG_VALUE_TO), target, at)
  }
  return at
}

/** Zigzag varint of an integer from 0 to 2^30 - 1. */
function writeInt(value: number, target: DataView, pos: number): number {
  return writeVarint(value << 1, target, pos)
}

const LOW = 2 ** 27

/** Zigzag varint of an integer from 0 to 2^53 - 1: four groups of seven bits, then the rest. */
function writeLong(value: number, target: DataView, pos: number): number {
  if (value < LOW) return writeInt(value, target, pos)
  const low = (value % LOW) << 1
  let at = pos
  for (let shift = 0; shift < 28; shift += 7) target.setUint8(at++, ((low >>> shift) & 0x7f) | 0x80)
  return writeVarint(Math.floor(value / LOW), target, at)
}

function writeVarint(value: number, target: DataView, pos: number): number {
  let at = pos
  let rest = value
  while (rest > 0x7f) {
    target.setUint8(at++, (rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  target.setUint8(at++, rest)
  return at
}
