/** Parameters that several endpoints share, each with the sentence that the OpenAPI document shows. */
import { UNPRINTABLE, WINDOWS } from '@ecomind/schemas'
import { z } from 'zod'
import { isTimeZone } from '../time/zone.ts'
import { FIELD_NAMES, filters, groupBy } from './filters.ts'
import { type Point, parsePoint, point } from './times.ts'

export const text = (max: number, wanted: string) =>
  z
    .string()
    .min(1, { message: wanted })
    .max(max, { message: wanted })
    .refine(isPrintable, { message: UNPRINTABLE_MESSAGE })

export const UNPRINTABLE_MESSAGE = 'holds a control character or a lone surrogate'
export const isPrintable = (value: string): boolean => !UNPRINTABLE.test(value)

export const orgId = z
  .string()
  .regex(/^[A-Za-z0-9_.:-]{1,64}$/, { message: '1 to 64 characters of A-Z a-z 0-9 _ . : - are wanted' })
  .optional()
  .describe('the organisation; may be left out where the key or session belongs to one only. In local mode org_demo')
export const userId = text(256, '1 to 256 characters are wanted').optional().describe('only this user')
export const teamId = text(128, '1 to 128 characters are wanted').optional().describe('only this team')
export const tz = z
  .string()
  .refine(isTimeZone, { message: 'a time zone by its IANA name is wanted, such as Europe/Berlin' })
  .optional()
  .describe("IANA time zone of days and of dates; default: the organisation's zone (setting ECOMIND_TZ)")
export const from = point.describe('start of the period, part of it: RFC 3339, or YYYY-MM-DD for the start of that day')
export const to = point.describe('end of the period, not part of it: RFC 3339, or YYYY-MM-DD for the start of that day')
export const windowSize = z
  .enum(WINDOWS, { message: `one of ${WINDOWS.join(', ')} is wanted` })
  .optional()
  .describe('size of the windows; absent: one item per group for the whole period')
export const groups = groupBy.optional().describe(`comma-separated list of ${FIELD_NAMES.join(', ')}`)
export const filterList = filters
  .optional()
  .describe(
    'repeats: `field:value` keeps, `-field:value` drops; values of one field are alternatives, fields combine; an empty value means not stated',
  )
export const generation = z
  .string()
  .regex(/^\d{1,9}$/, { message: 'a whole number of 0 or more is wanted' })
  .transform(Number)
  .optional()
  .describe(
    'the state as of this recomputation, 0 for the numbers of ingestion; default: the newest that is done. Ends of a period finer than a minute are answered from raw events, which have the numbers of ingestion only',
  )
export const cursor = text(1024, 'a cursor as an earlier answer gave it is wanted')
  .optional()
  .describe('`next_cursor` of the page before')

/** A whole number from 1 to `most`; may be left out. */
export function countUpTo(most: number) {
  const message = `a whole number from 1 to ${most} is wanted`
  return z
    .string()
    .regex(/^\d{1,6}$/, { message })
    .transform(Number)
    .refine((n) => n >= 1 && n <= most, { message })
    .optional()
}

export function limit(most: number, usual: number) {
  return countUpTo(most).describe(`items per page, 1 to ${most}; default ${usual}`)
}

export type Compare = 'previous' | { readonly from: Point; readonly to: Point }

export const compare = z
  .string()
  .transform((value, ctx): Compare => {
    if (value === 'previous') return 'previous'
    const parts = value.split('..').map(parsePoint)
    const [a, b] = parts
    if (parts.length === 2 && typeof a === 'object' && typeof b === 'object') return { from: a, to: b }
    ctx.addIssue('previous, or a period as from..to, is wanted')
    return z.NEVER
  })
  .optional()
  .describe('`previous` (the period of the same length just before; whole days stay whole days) or a period `from..to`')
