/**
 * Why an event was refused: the first reason in a fixed order. Content comes before everything else; then unknown
 * fields, then the fields in the order of the contract, then the rules between fields. Values are never repeated.
 */
import {
  EVENT_FIELDS,
  type EventErrorCode,
  type EventRejection,
  type FieldRule,
  isContentField,
  TAG_KEY_LENGTH_MAX,
  TAG_VALUE_LENGTH_MAX,
  TAGS_MAX,
  UNPRINTABLE,
} from '@ecomind/schemas'
import { formatPath } from './json-scan.ts'
import { isText, lengthInCharacters, TAG_KEY, TAG_VALUE } from './text-rule.ts'
import { type EventRules, toMs } from './validate-event.ts'

/**
 * @param duplicate path of a key that the text of the event repeats, if it does
 * @returns the reason; an event that breaks no rule gives null
 */
export function explainRejection(input: unknown, rules: EventRules, duplicate?: string): EventRejection | null {
  const content = findContentField(input)
  if (content !== null) return reject('content_not_allowed', content, 'carries content; send metadata only')
  if (duplicate !== undefined) return reject('duplicate_key', duplicate, 'stands more than once in its object')
  if (!isRecord(input)) return { code: 'not_an_object', message: 'check event: it is not a JSON object' }
  const unknown = Object.keys(input).find((key) => !Object.hasOwn(EVENT_FIELDS, key))
  if (unknown !== undefined) return reject('unknown_field', formatPath([unknown]), 'is not a field of the event')
  for (const [name, field] of Object.entries(EVENT_FIELDS)) {
    const required = field.required && !(name === 'org_id' && rules.orgIsImplied)
    const fault = explainField(name, required, field.rule, input[name])
    if (fault !== null) return fault
  }
  return explainRelations(input, rules)
}

/** Path of the first key, at any depth, that names content; without recursion, because nesting is the sender's. */
export function findContentField(value: unknown): string | null {
  const stack: Node[] = [{ value, key: '', parent: null }]
  while (stack.length > 0) {
    const node = stack.pop()
    if (node === undefined || typeof node.value !== 'object' || node.value === null) continue
    const named = !Array.isArray(node.value)
    for (const [key, inner] of Object.entries(node.value)) {
      const child = { value: inner as unknown, key, parent: node }
      if (named && isContentField(key)) return pathOf(child)
      if (typeof inner === 'object') stack.push(child)
    }
  }
  return null
}

interface Node {
  readonly value: unknown
  readonly key: string
  readonly parent: Node | null
}

function pathOf(node: Node): string {
  const path: string[] = []
  for (let at: Node = node; at.parent !== null; at = at.parent) path.push(at.key)
  return formatPath(path.reverse())
}

function explainField(name: string, required: boolean, rule: FieldRule, value: unknown): EventRejection | null {
  if (value === undefined) return required ? reject('field_missing', name, 'is missing') : null
  switch (rule.kind) {
    case 'string':
      return explainText(name, rule, value)
    case 'integer':
      if (typeof value !== 'number') return reject('field_type', name, 'is not a number')
      if (isInteger(value) && value >= rule.min && value <= rule.max) return null
      return reject('field_range', name, `is not an integer from ${rule.min} to ${rule.max}`)
    case 'enum':
      if (typeof value !== 'string') return reject('field_type', name, 'is not a string')
      return rule.values.includes(value) ? null : reject('field_format', name, `is none of ${rule.values.join(', ')}`)
    case 'boolean':
      return typeof value === 'boolean' ? null : reject('field_type', name, 'is not true or false')
    case 'ts':
      return explainTs(name, value)
    case 'tags':
      return explainTags(name, value)
  }
}

const isInteger = (value: number): boolean => Number.isSafeInteger(value)

function explainText(
  name: string,
  rule: { readonly min: number; readonly max: number; readonly pattern?: RegExp },
  value: unknown,
): EventRejection | null {
  if (typeof value !== 'string') return reject('field_type', name, 'is not a string')
  const length = lengthInCharacters(value)
  if (length < rule.min || length > rule.max) {
    return reject('field_range', name, `has ${length} characters, ${rule.min} to ${rule.max} are wanted`)
  }
  if (UNPRINTABLE.test(value)) {
    return reject('field_format', name, 'holds a control character or half of a surrogate pair')
  }
  if (rule.pattern === undefined || rule.pattern.test(value)) return null
  return reject('field_format', name, 'holds a character other than letters, digits and _.:-')
}

function explainTs(name: string, value: unknown): EventRejection | null {
  if (typeof value !== 'string' && typeof value !== 'number') {
    return reject('field_type', name, 'is neither an RFC 3339 string nor epoch milliseconds')
  }
  if (toMs(value) !== null) return null
  const wanted = typeof value === 'string' ? 'an RFC 3339 date-time' : 'whole epoch milliseconds'
  return reject('field_format', name, `is not ${wanted}`)
}

function explainTags(name: string, value: unknown): EventRejection | null {
  if (!isRecord(value)) return reject('field_type', name, 'is not an object')
  const entries = Object.entries(value)
  if (entries.length > TAGS_MAX)
    return reject('field_range', name, `has ${entries.length} pairs, at most ${TAGS_MAX} are wanted`)
  for (const [key, tag] of entries) {
    const path = formatPath([name, key])
    const keyLength = lengthInCharacters(key)
    if (keyLength < TAG_KEY.min || keyLength > TAG_KEY.max) {
      return reject('field_range', path, `has a key of ${keyLength} characters, 1 to ${TAG_KEY_LENGTH_MAX} are wanted`)
    }
    if (!isText(key, TAG_KEY, false) || key === '__proto__')
      return reject('field_format', path, 'has a key that is not allowed')
    if (typeof tag !== 'string') return reject('field_type', path, 'is not a string')
    const length = lengthInCharacters(tag)
    if (length > TAG_VALUE.max) {
      return reject('field_range', path, `has ${length} characters, at most ${TAG_VALUE_LENGTH_MAX} are wanted`)
    }
    if (!isText(tag, TAG_VALUE, false)) {
      return reject('field_format', path, 'holds a control character or half of a surrogate pair')
    }
  }
  return null
}

/** The fields are right each by itself here. */
function explainRelations(e: Readonly<Record<string, unknown>>, rules: EventRules): EventRejection | null {
  const count = (name: string): number => Number(e[name] ?? 0)
  if (count('tokens_cache_read') + count('tokens_cache_write') > count('tokens_in')) {
    return reject('field_range', 'tokens_cache_read', 'and tokens_cache_write exceed tokens_in, which includes them')
  }
  if (e['reasoning_separate'] !== true && count('tokens_reasoning') > count('tokens_out')) {
    return reject(
      'field_range',
      'tokens_reasoning',
      'exceeds tokens_out, which includes it unless reasoning_separate is true',
    )
  }
  const ts = toMs(e['ts'])
  if (ts !== null && (ts < rules.tsMinMs || ts > rules.tsMaxMs)) {
    const [oldest, newest] = [rules.tsMinMs, rules.tsMaxMs].map((ms) => new Date(ms).toISOString())
    const unit = typeof e['ts'] === 'number' ? '; a number counts milliseconds since 1970' : ''
    return reject('ts_out_of_range', 'ts', `is not between ${oldest} and ${newest}${unit}`)
  }
  const orgId = e['org_id'] ?? (rules.orgIsImplied ? rules.orgId : undefined)
  if (orgId !== rules.orgId) return reject('org_not_allowed', 'org_id', `is not ${rules.orgId}`)
  return null
}

function reject(code: EventErrorCode, field: string, what: string): EventRejection {
  return { code, field, message: `check event: ${field} ${what}` }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
