/** Reads and checks the tags of one event from the bytes of their JSON text, and sorts them; see `scan-event.ts`. */
import { isContentField, TAGS_MAX } from '@ecomind/schemas'
import { setSlice, setTag, swapTags, TAG_KEY_FROM, TAG_KEY_TO, tagPlace } from './event-slices.ts'
import { byteAt, endOfAscii, endOfText, hasLength, ODD, skipSpace, stringOf } from './json-bytes.ts'
import { TAG_KEY, TAG_VALUE } from './text-rule.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** Tags of the events of this body so far. */
let tagCount = 0

export function forgetTags(): void {
  tagCount = 0
}

/** Takes the tags whose `{` stands at `at`, in ascending order of their keys; gives the place behind `}`, or ODD. */
export function scanTags(event: number, field: number, at: number, newlines: boolean): number {
  if (byteAt(at) !== OPEN_OBJECT) return ODD
  const first = tagCount
  let next = skipSpace(at + 1, newlines)
  if (byteAt(next) === CLOSE_OBJECT) {
    setSlice(event, field, first, first)
    return next + 1
  }
  for (; ; next = skipSpace(next + 1, newlines)) {
    const end = tagCount - first < TAGS_MAX ? scanTag(next, newlines) : ODD
    if (end === ODD || !sortLast(first)) return ODD
    next = skipSpace(end, newlines)
    if (byteAt(next) === COMMA) continue
    setSlice(event, field, first, tagCount)
    return byteAt(next) === CLOSE_OBJECT ? next + 1 : ODD
  }
}

function scanTag(at: number, newlines: boolean): number {
  if (byteAt(at) !== QUOTE) return ODD
  const key = at + 1
  const keyEnd = endOfAscii(key)
  if (keyEnd === ODD || !hasLength(key, keyEnd, TAG_KEY.min, TAG_KEY.max) || !mayBeKey(stringOf(key, keyEnd))) {
    return ODD
  }
  const colon = skipSpace(keyEnd + 1, newlines)
  if (byteAt(colon) !== COLON) return ODD
  const value = skipSpace(colon + 1, newlines) + 1
  if (byteAt(value - 1) !== QUOTE) return ODD
  const end = endOfText(value)
  if (end === ODD || !hasLength(value, end, TAG_VALUE.min, TAG_VALUE.max)) return ODD
  return setTag(tagCount++, key, keyEnd, value, end) ? end + 1 : ODD
}

const KNOWN_KEYS_MAX = 1000
const knownKeys = new Map<string, boolean>()

/** Looking for content in a key costs more than reading the event, and the same few keys come again and again. */
function mayBeKey(key: string): boolean {
  const known = knownKeys.get(key)
  if (known !== undefined) return known
  // Keys that look like numbers come first in an object, whatever their order as texts.
  const may = key !== '__proto__' && !/^\d/.test(key) && !isContentField(key)
  if (knownKeys.size === KNOWN_KEYS_MAX) knownKeys.clear()
  knownKeys.set(key, may)
  return may
}

/** Moves the last tag to its place among those from `first` on; false when its key is there already. */
function sortLast(first: number): boolean {
  for (let at = tagCount - 1; at > first; at--) {
    const order = compareKeys(at - 1, at)
    if (order < 0) return true
    if (order === 0) return false
    swapTags(at - 1, at)
  }
  return true
}

/** ASCII: the order of bytes is the order of UTF-16 code units. */
function compareKeys(a: number, b: number): number {
  const fromA = tagPlace(a, TAG_KEY_FROM)
  const fromB = tagPlace(b, TAG_KEY_FROM)
  const lengthA = tagPlace(a, TAG_KEY_TO) - fromA
  const lengthB = tagPlace(b, TAG_KEY_TO) - fromB
  for (let i = 0; i < lengthA && i < lengthB; i++) {
    const order = byteAt(fromA + i) - byteAt(fromB + i)
    if (order !== 0) return order
  }
  return lengthA - lengthB
}
