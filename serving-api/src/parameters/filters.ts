/**
 * `filter=model:gpt-4o` keeps a value, `filter=-model:gpt-4o` drops one. Values of one field are alternatives, fields
 * combine. A value is everything behind the first colon, so it may hold colons itself; empty means "not stated".
 */
import { GROUP_FIELDS, type GroupField } from '@ecomind/schemas'
import { z } from 'zod'

const FILTERS_MAX = 100
const VALUE_LENGTH_MAX = 256

const ALIASES: Readonly<Record<string, GroupField>> = { team: 'team_id', user: 'user_id', project: 'project_id' }
export const FIELD_NAMES = [...GROUP_FIELDS, ...Object.keys(ALIASES)]

export interface Filter {
  readonly field: GroupField
  readonly keep: boolean
  readonly value: string
}

export function parseField(name: string): GroupField | null {
  const field = GROUP_FIELDS.find((f) => f === name)
  if (field !== undefined) return field
  return Object.hasOwn(ALIASES, name) ? (ALIASES[name] ?? null) : null
}

/** The filter, or what is wrong with it. */
export function parseFilter(text: string): Filter | string {
  const keep = !text.startsWith('-')
  const body = keep ? text : text.slice(1)
  const colon = body.indexOf(':')
  if (colon < 0) return 'field:value or -field:value is wanted'
  const field = parseField(body.slice(0, colon))
  if (field === null) return `unknown field; known are ${FIELD_NAMES.join(', ')}`
  const value = body.slice(colon + 1)
  if ([...value].length > VALUE_LENGTH_MAX) return `a value of at most ${VALUE_LENGTH_MAX} characters is wanted`
  // Providers are lower-cased when they are stored.
  return { field, keep, value: field === 'provider' ? value.toLowerCase() : value }
}

export const filters = z
  .array(z.string())
  .max(FILTERS_MAX, { message: `at most ${FILTERS_MAX} filters are wanted` })
  .transform((texts, ctx): readonly Filter[] => {
    const parsed = texts.map(parseFilter)
    const fault = parsed.find((p) => typeof p === 'string')
    if (fault === undefined) return parsed.filter((p) => typeof p !== 'string')
    ctx.addIssue(fault)
    return z.NEVER
  })

export const groupBy = z.string().transform((text, ctx): readonly GroupField[] => {
  const fields = text === '' ? [] : text.split(',').map((name) => parseField(name.trim()))
  if (fields.includes(null)) ctx.addIssue(`a comma-separated list of ${FIELD_NAMES.join(', ')} is wanted`)
  else if (new Set(fields).size !== fields.length) ctx.addIssue('each field once is wanted')
  else return fields.filter((f) => f !== null)
  return z.NEVER
})
