/** The closed list of fields as numbers, in the order of the Avro schema, for those who read and write bytes. */
import {
  EVENT_FIELDS,
  type EventField,
  type FieldRule,
  type FieldSpec,
  SERVICE_TIERS,
  SOURCES,
  TOKENS_SOURCES,
} from '@ecomind/schemas'
import { byteAt, ODD, standsAt, type Word, wordOf } from './json-bytes.ts'

/** The order of the fields in `usage-batch.v1.avsc`; the property test of the scanner would notice another one. */
const NAMES = [
  'org_id',
  'event_id',
  'user_id',
  'provider',
  'model',
  'tokens_in',
  'tokens_out',
  'ts',
  'region',
  'team_id',
  'project_id',
  'source',
  'tokens_cache_read',
  'tokens_cache_write',
  'tokens_reasoning',
  'reasoning_separate',
  'latency_ms',
  'tokens_source',
  'service_tier',
  'tags',
] as const satisfies readonly EventField[]

export const FIELD_COUNT: number = NAMES.length

/** Numbers of the fields by name. */
export const FIELD = Object.fromEntries(NAMES.map((name, number) => [name, number])) as Readonly<
  Record<EventField, number>
>

const specs: readonly FieldSpec[] = NAMES.map((name) => EVENT_FIELDS[name])
const kinds = specs.map(({ rule }) => rule.kind)
const lowest = Int32Array.from(specs, ({ rule }) => ('min' in rule ? rule.min : 0))
const highest = Int32Array.from(specs, ({ rule }) => ('max' in rule ? rule.max : 0))

/** One bit a required field. */
export const REQUIRED = specs.reduce((bits, { required }, number) => (required ? bits | (1 << number) : bits), 0)

export function kindOf(field: number): FieldRule['kind'] {
  return kinds[field] ?? 'tags'
}

/** Lowest value of an integer, fewest characters of a string. */
export function lowestOf(field: number): number {
  return lowest[field] ?? 0
}

/** Highest value of an integer, most characters of a string. */
export function highestOf(field: number): number {
  return highest[field] ?? 0
}

const ENUMS: Partial<Record<EventField, readonly string[]>> = {
  source: SOURCES,
  tokens_source: TOKENS_SOURCES,
  service_tier: SERVICE_TIERS,
}
const values = NAMES.map((name) => (ENUMS[name] ?? []).map((value) => wordOf(`"${value}"`)))

/** Behind the quoted value of an enum field, or ODD when none of its values stands there. */
export function endOfValue(field: number, at: number): number {
  for (const word of values[field] ?? []) if (standsAt(word, at)) return at + word.length
  return ODD
}

const names = NAMES.map((name) => wordOf(`"${name}"`))
const keys = NAMES.map((name) => wordOf(`"${name}":`))

/** Behind the name of a field and its colon when they stand there without white space, otherwise ODD. */
export function endOfKey(field: number, at: number): number {
  const key = keys[field] as Word
  return standsAt(key, at) ? at + key.length : ODD
}

const SLOTS = 64

/** Tells the names apart; found by trying, checked below. */
function slotOf(length: number, first: number, last: number): number {
  return (length * 4 + first + last) & (SLOTS - 1)
}

const fieldOfSlot = new Int8Array(SLOTS).fill(ODD)
NAMES.forEach((name, number) => {
  const slot = slotOf(name.length, name.charCodeAt(0), name.charCodeAt(name.length - 1))
  if (fieldOfSlot[slot] !== ODD) throw new Error(`field table: ${name} shares its slot`)
  fieldOfSlot[slot] = number
})

/** The field whose name stands between the quotes at two places, or ODD. */
export function fieldBetween(quote: number, endQuote: number): number {
  const field = fieldOfSlot[slotOf(endQuote - quote - 1, byteAt(quote + 1), byteAt(endQuote - 1))] ?? ODD
  const name = names[field]
  return name !== undefined && quote + name.length === endQuote + 1 && standsAt(name, quote) ? field : ODD
}
