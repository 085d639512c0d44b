/** Points in time as clients give them: RFC 3339, or a date that stands for the start of that day in the zone. */
import { parseRfc3339 } from '@ecomind/schemas'
import { z } from 'zod'
import { invalidParameter } from '../http/api-error.ts'
import { type DayNumber, dayStart, parseDay } from '../time/days.ts'
import type { Period } from '../time/windows.ts'

/** No AI call is older; a bound keeps window counts and zone rules sane. */
const EARLIEST_MS = Date.UTC(2000, 0, 1)
const LATEST_MS = Date.UTC(2100, 0, 1)

export type Point =
  | { readonly kind: 'instant'; readonly ms: number }
  | { readonly kind: 'date'; readonly day: DayNumber }

const WANTED = 'a date (YYYY-MM-DD) or an RFC 3339 time such as 2025-09-30T12:00:00Z is wanted'
const BETWEEN = 'must lie between 2000-01-01 and 2100-01-01'

/** `+` of an offset arrives as a space when the client did not encode it. */
const UNENCODED_PLUS = /^(.{19,30}) (\d{2}:\d{2})$/

export function parsePoint(text: string): Point | string {
  const day = parseDay(text)
  if (day !== null) return inBounds(day * 86_400_000) ? { kind: 'date', day } : BETWEEN
  const ms = parseRfc3339(text.replace(UNENCODED_PLUS, '$1+$2'))
  if (ms === null) return WANTED
  return inBounds(ms) ? { kind: 'instant', ms } : BETWEEN
}

export const point = z.string().transform((text, ctx): Point => {
  const parsed = parsePoint(text)
  if (typeof parsed !== 'string') return parsed
  ctx.addIssue(parsed)
  return z.NEVER
})

export const date = z.string().transform((text, ctx): DayNumber => {
  const day = parseDay(text)
  if (day === null) ctx.addIssue('a date (YYYY-MM-DD) is wanted')
  else if (!inBounds(day * 86_400_000)) ctx.addIssue(BETWEEN)
  else return day
  return z.NEVER
})

export function resolvePoint(p: Point, tz: string): number {
  return p.kind === 'instant' ? p.ms : dayStart(tz, p.day)
}

/** @throws ApiError invalid_parameter when the period is empty or runs backwards */
export function periodOf(from: Point, to: Point, tz: string, field = 'to'): Period {
  const period = { fromMs: resolvePoint(from, tz), toMs: resolvePoint(to, tz) }
  if (period.fromMs >= period.toMs)
    throw invalidParameter(field, 'must be later than from (it is not part of the period)')
  return period
}

function inBounds(ms: number): boolean {
  return ms >= EARLIEST_MS && ms <= LATEST_MS
}
