/** Answer of `GET /v1/equivalents`: comparisons with everyday things. */
import { z } from 'zod'
import { range, source } from './answers.ts'

export const equivalentItem = z
  .object({
    id: z.string(),
    quantity: z.enum(['kwh', 'water_l', 'co2_kg']).describe('which of the amounts it is compared with'),
    count: range.describe('how many of them make the amount; an exact amount still has the span of the comparison'),
    unit: z.string(),
    name: z.string().describe('plural, as it stands behind the number'),
    per_unit: range.describe('kWh, litres or kg CO2e that one of them takes'),
    boundary: z.string().describe('what the source counts and what it leaves out'),
    source,
  })
  .meta({ id: 'EquivalentItem' })

export const equivalentsAnswer = z.object({ items: z.array(equivalentItem) }).meta({ id: 'EquivalentsAnswer' })

export type EquivalentItem = z.output<typeof equivalentItem>
export type EquivalentsAnswer = z.output<typeof equivalentsAnswer>
