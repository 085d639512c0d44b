/**
 * Reads and checks one event straight from the bytes of its JSON text. It takes what `validate-event.ts` takes as long
 * as it is written plainly, and calls everything else `ODD`: escapes, fractions, repeated and unknown keys, values that
 * break a rule. A property test holds it against the way over `JSON.parse`.
 */
import { parseRfc3339 } from '@ecomind/schemas'
import { fromOf, SLICED_EVENTS_MAX, setFields, setSlice, setTime, timeOf } from './event-slices.ts'
import {
  endOfKey,
  endOfValue,
  FIELD,
  FIELD_COUNT,
  fieldBetween,
  highestOf,
  kindOf,
  lowestOf,
  REQUIRED,
} from './field-table.ts'
import {
  byteAt,
  digitsValue,
  endOfAscii,
  endOfDigits,
  endOfText,
  hasLength,
  ODD,
  putBeside,
  skipSpace,
  standsAt,
  stringOf,
  type Word,
  wordOf,
} from './json-bytes.ts'
import { scanTags } from './scan-tags.ts'

export interface ScanRules {
  readonly tsMinMs: number
  readonly tsMaxMs: number
  /** The organisation with its quotes. */
  readonly orgId: Word
  /** Where it lies beside the text, for events that leave it out; null: they may not. */
  readonly orgAt: number | null
  /** Gives the id of an event that has none, in ASCII. */
  readonly newEventId: () => string
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/**
 * Takes the event whose `{` stands at `from` under a number; gives the place behind its `}`, or ODD.
 * @param newlines whether a line feed is white space: not in NDJSON
 */
export function scanEvent(event: number, from: number, rules: ScanRules, newlines: boolean): number {
  if (event >= SLICED_EVENTS_MAX || byteAt(from) !== OPEN_OBJECT) return ODD
  let fields = 0
  let last = FIELD_COUNT
  for (let at = from + 1; ; at++) {
    const field = fieldAt(at, last, newlines)
    if (field === ODD || (fields & (1 << field)) !== 0) return ODD
    const end = scanValue(event, field, valueAt, rules, newlines)
    if (end === ODD) return ODD
    fields |= 1 << field
    last = field
    at = skipSpace(end, newlines)
    const next = byteAt(at)
    if (next === COMMA) continue
    if (next !== CLOSE_OBJECT || !isWhole(event, fields, rules)) return ODD
    setFields(event, fields, at - from)
    return at + 1
  }
}

/** Where the value of the field begins that `fieldAt` found. */
let valueAt = 0
/** Clients write their fields in the same order: the field that stood behind each one last, at its start and later. */
const followers = new Int8Array(FIELD_COUNT + 1)

/** The field whose key stands at a place, or ODD; sets `valueAt`. */
function fieldAt(at: number, last: number, newlines: boolean): number {
  const guess = followers[last] ?? 0
  const end = endOfKey(guess, at)
  if (end !== ODD) {
    valueAt = skipSpace(end, newlines)
    return guess
  }
  const quote = skipSpace(at, newlines)
  if (byteAt(quote) !== QUOTE) return ODD
  const endQuote = endOfAscii(quote + 1)
  if (endQuote === ODD) return ODD
  const colon = skipSpace(endQuote + 1, newlines)
  if (byteAt(colon) !== COLON) return ODD
  const field = fieldBetween(quote, endQuote)
  followers[last] = field === ODD ? 0 : field
  valueAt = skipSpace(colon + 1, newlines)
  return field
}

function scanValue(event: number, field: number, at: number, rules: ScanRules, newlines: boolean): number {
  switch (kindOf(field)) {
    case 'string':
      return field === FIELD.org_id ? scanOrg(event, at, rules.orgId) : scanText(event, field, at)
    case 'integer': {
      const end = endOfDigits(at)
      if (end === ODD || digitsValue() > highestOf(field)) return ODD
      setSlice(event, field, digitsValue(), 0)
      return end
    }
    case 'ts':
      return scanTs(event, at)
    case 'enum': {
      const end = endOfValue(field, at)
      if (end !== ODD) setSlice(event, field, at + 1, end - 1)
      return end
    }
    case 'boolean': {
      const isTrue = standsAt(TRUE, at)
      if (!isTrue && !standsAt(FALSE, at)) return ODD
      setSlice(event, field, isTrue ? 1 : 0, 0)
      return at + (isTrue ? TRUE.length : FALSE.length)
    }
    case 'tags':
      return scanTags(event, field, at, newlines)
  }
}

const TRUE = wordOf('true')
const FALSE = wordOf('false')

function scanOrg(event: number, at: number, orgId: Word): number {
  if (!standsAt(orgId, at)) return ODD
  setSlice(event, FIELD.org_id, at + 1, at + orgId.length - 1)
  return at + orgId.length
}

function scanText(event: number, field: number, at: number): number {
  if (byteAt(at) !== QUOTE) return ODD
  const from = at + 1
  // Ids are hashed byte by byte and providers lower-cased so: both hold for ASCII only.
  const asciiOnly = field === FIELD.event_id || field === FIELD.provider
  const end = asciiOnly ? endOfAscii(from) : endOfText(from)
  if (end === ODD || !hasLength(from, end, lowestOf(field), highestOf(field))) return ODD
  setSlice(event, field, from, end)
  return end + 1
}

function scanTs(event: number, at: number): number {
  if (byteAt(at) !== QUOTE) {
    const end = endOfDigits(at)
    if (end !== ODD) setTime(event, digitsValue())
    return end
  }
  const end = endOfAscii(at + 1)
  if (end === ODD) return ODD
  const ms = parseRfc3339(stringOf(at + 1, end))
  // Times before 1970 are written in another way than times after it; nobody sends them.
  if (ms === null || ms < 0) return ODD
  setTime(event, ms)
  return end + 1
}

/** The rules that need all fields. Gives an id to an event without one. */
function isWhole(event: number, fields: number, rules: ScanRules): boolean {
  if ((fields & REQUIRED) !== REQUIRED && !isWholeWithOrg(event, fields, rules)) return false
  const ms = timeOf(event)
  if (ms < rules.tsMinMs || ms > rules.tsMaxMs) return false
  if ((fields & RELATED) !== 0 && !areRelated(event, fields)) return false
  return (fields & (1 << FIELD.event_id)) !== 0 || giveId(event, rules.newEventId())
}

/** An event without an organisation has that of its key. */
function isWholeWithOrg(event: number, fields: number, { orgId, orgAt }: ScanRules): boolean {
  if (orgAt === null || (fields | (1 << FIELD.org_id)) === fields) return false
  if ((fields & REQUIRED_OF_ALL) !== REQUIRED_OF_ALL) return false
  setSlice(event, FIELD.org_id, orgAt, orgAt + orgId.length - 2)
  return true
}

const REQUIRED_OF_ALL = REQUIRED & ~(1 << FIELD.org_id)

function giveId(event: number, id: string): boolean {
  const at = putBeside(id, event * id.length)
  setSlice(event, FIELD.event_id, at, at + id.length)
  return at !== ODD
}

const RELATED =
  (1 << FIELD.tokens_cache_read) |
  (1 << FIELD.tokens_cache_write) |
  (1 << FIELD.tokens_reasoning) |
  (1 << FIELD.reasoning_separate)

function areRelated(event: number, fields: number): boolean {
  const cached = intOf(event, fields, FIELD.tokens_cache_read) + intOf(event, fields, FIELD.tokens_cache_write)
  if (cached > fromOf(event, FIELD.tokens_in)) return false
  if (intOf(event, fields, FIELD.reasoning_separate) === 1) return true
  return intOf(event, fields, FIELD.tokens_reasoning) <= fromOf(event, FIELD.tokens_out)
}

function intOf(event: number, fields: number, field: number): number {
  return (fields & (1 << field)) === 0 ? 0 : fromOf(event, field)
}
