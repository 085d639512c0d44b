/**
 * The events of one body as places in its text (`json-bytes.ts`): what row objects would hold, without the objects.
 * Filled by `scan-body.ts`, read by `encode-slices.ts`, then filled again by the next body; fixed arrays, for the reason
 * given there.
 */
import { FIELD_COUNT } from './field-table.ts'

/** Most events that fit; a body with more goes the slow way. */
export const SLICED_EVENTS_MAX = 1024
const SLICED_TAGS_MAX = 8192
/** Places of a tag: key from and to, value from and to. */
const TAG_PLACES = 4

/**
 * By event and field. Strings: where the text begins and ends, in UTF-8. Integers and booleans: the value, in `froms`.
 * Tags: numbers of the first and behind the last. An absent field: whatever was there.
 */
const froms = new Int32Array(SLICED_EVENTS_MAX * FIELD_COUNT)
const tos = new Int32Array(SLICED_EVENTS_MAX * FIELD_COUNT)
/** By event: one bit a field that is there. */
const fieldBits = new Int32Array(SLICED_EVENTS_MAX)
/** By event: epoch milliseconds, 0 or more. */
const times = new Float64Array(SLICED_EVENTS_MAX)
/** By event: the length of its JSON text, which bounds what it can become. */
const lengths = new Int32Array(SLICED_EVENTS_MAX)
const tags = new Int32Array(SLICED_TAGS_MAX * TAG_PLACES)

export function setSlice(event: number, field: number, from: number, to: number): void {
  froms[event * FIELD_COUNT + field] = from
  tos[event * FIELD_COUNT + field] = to
}

export function fromOf(event: number, field: number): number {
  return froms[event * FIELD_COUNT + field] ?? 0
}

export function toOf(event: number, field: number): number {
  return tos[event * FIELD_COUNT + field] ?? 0
}

export function setTime(event: number, ms: number): void {
  times[event] = ms
}

export function timeOf(event: number): number {
  return times[event] ?? 0
}

export function setFields(event: number, bits: number, textBytes: number): void {
  fieldBits[event] = bits
  lengths[event] = textBytes
}

export function fieldsOf(event: number): number {
  return fieldBits[event] ?? 0
}

export function textBytesOf(event: number): number {
  return lengths[event] ?? 0
}

/** Puts a tag at a number; false when there is no room. */
export function setTag(tag: number, keyFrom: number, keyTo: number, valueFrom: number, valueTo: number): boolean {
  if (tag >= SLICED_TAGS_MAX) return false
  tags[tag * TAG_PLACES] = keyFrom
  tags[tag * TAG_PLACES + 1] = keyTo
  tags[tag * TAG_PLACES + 2] = valueFrom
  tags[tag * TAG_PLACES + 3] = valueTo
  return true
}

export const TAG_KEY_FROM = 0
export const TAG_KEY_TO = 1
export const TAG_VALUE_FROM = 2
export const TAG_VALUE_TO = 3

export function tagPlace(tag: number, which: number): number {
  return tags[tag * TAG_PLACES + which] ?? 0
}

export function swapTags(a: number, b: number): void {
  for (let i = 0; i < TAG_PLACES; i++) {
    const place = tagPlace(a, i)
    tags[a * TAG_PLACES + i] = tagPlace(b, i)
    tags[b * TAG_PLACES + i] = place
  }
}
