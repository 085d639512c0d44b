/** Comparisons with everyday things. Pure: the data come as text, see data/equivalents. */
import { parse } from 'yaml'
import { z } from 'zod'
import type { Range } from './footprint.ts'
import { spreadProduct } from './spread.ts'

export const EQUIVALENT_QUANTITIES = ['kwh', 'water_l', 'co2_kg'] as const
export type EquivalentQuantity = (typeof EQUIVALENT_QUANTITIES)[number]

const id = z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, 'must be lower case letters, digits, _ and -')
const positive = z.number().positive('must be more than 0')
const perUnit = z
  .union([
    z.strictObject({ value: positive }).transform(({ value }) => ({ low: value, central: value, high: value })),
    z.strictObject({ low: positive, central: positive, high: positive }),
  ])
  .refine((r) => r.low <= r.central && r.central <= r.high, { error: 'low <= central <= high is wanted' })

const source = z.strictObject({
  id,
  title: z.string().min(1),
  url: z.url(),
  year: z.number().int().min(1990).max(2100),
  licence: z.string().min(1),
  note: z.string().optional(),
})
const row = z.strictObject({
  id,
  quantity: z.enum(EQUIVALENT_QUANTITIES),
  name: z.string().min(1),
  per_unit: perUnit,
  unit: z.string().min(1),
  boundary: z.string().min(1),
  source: id,
})
const file = z.strictObject({
  licence: z.string().min(1),
  reviewed_at: z.iso.date(),
  sources: z.array(source),
  equivalents: z.array(row),
})

export type EquivalentSource = z.output<typeof source>

export interface Equivalent {
  readonly id: string
  readonly quantity: EquivalentQuantity
  /** Plural, as it stands behind a number. */
  readonly name: string
  readonly unit: string
  /** kWh, litres or kg CO2e that one of them takes. */
  readonly perUnit: Range
  /** What the source counts and what it leaves out. */
  readonly boundary: string
  readonly source: EquivalentSource
}

/** Throws an Error that names the row and the rule. */
export function parseEquivalents(text: string): Equivalent[] {
  const parsed = file.safeParse(parse(text))
  if (!parsed.success) {
    const faults = parsed.error.issues.map((i) => `${i.path.map(String).join('.')}: ${i.message}`)
    throw new Error(`Read equivalents: ${faults.join('; ')}`)
  }
  const sources = new Map(parsed.data.sources.map((s) => [s.id, s]))
  const seen = new Set<string>()
  return parsed.data.equivalents.map(({ per_unit, source: sourceId, ...rest }) => {
    const cited = sources.get(sourceId)
    if (cited === undefined) throw new Error(`Read equivalents: ${rest.id}: no source "${sourceId}"`)
    if (seen.has(rest.id)) throw new Error(`Read equivalents: ${rest.id}: stands there twice`)
    seen.add(rest.id)
    return { ...rest, perUnit: per_unit, source: cited }
  })
}

export interface EquivalentCount {
  readonly equivalent: Equivalent
  readonly count: Range
}

/** How many of each make the amount; errors of the amount and of the comparison are independent. */
export function countEquivalents(
  equivalents: readonly Equivalent[],
  amounts: Readonly<Partial<Record<EquivalentQuantity, Range>>>,
): EquivalentCount[] {
  return equivalents.flatMap((equivalent) => {
    const amount = amounts[equivalent.quantity]
    if (amount === undefined) return []
    const count = spreadProduct([
      { op: '*', value: amount },
      { op: '/', value: equivalent.perUnit },
    ])
    return [{ equivalent, count }]
  })
}
