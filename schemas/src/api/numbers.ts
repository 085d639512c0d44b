/** The row of numbers that every answer about usage carries. Contract section 6. */
import { z } from 'zod'

const count = z.number().int().min(0)
const kwh = z.number().min(0).describe('kWh, at the meter of the data centre (PUE included)')
const litres = z.number().min(0).describe('litres')
const kg = z.number().min(0).describe('kg CO2e')

export const quality = z
  .object({
    grade: z
      .enum(['A', 'B', 'C', 'D', 'E', 'none'])
      .describe('A: at least 95 % of calls measured; B: 75 %; C: 50 %; D: less; E: most calls unknown; none: no calls'),
    measured: z
      .number()
      .min(0)
      .max(1)
      .describe('share of calls whose tokens the provider reported, of a known model in a declared region'),
    estimated: z
      .number()
      .min(0)
      .max(1)
      .describe('share of calls with estimated tokens, an inferred region or a model guessed by class'),
    unknown: z.number().min(0).max(1).describe('share of calls of a model or region that no factor covers'),
  })
  .meta({ id: 'Quality' })

export const numbers = z
  .object({
    calls: count,
    tokens_in: count,
    tokens_out: count,
    tokens_cache_read: count,
    tokens_cache_write: count,
    tokens_reasoning: count,
    kwh,
    kwh_low: kwh,
    kwh_high: kwh,
    water_l: litres,
    water_l_low: litres,
    water_l_high: litres,
    water_l_onsite: litres,
    water_l_offsite: litres,
    co2_kg: kg,
    co2_kg_low: kg,
    co2_kg_high: kg,
    co2_kg_use: kg,
    co2_kg_embodied: kg,
    quality,
  })
  .meta({ id: 'Numbers' })

export type Numbers = z.output<typeof numbers>
export type Quality = z.output<typeof quality>

export const windowStatus = z
  .enum(['provisional', 'final', 'revised'])
  .describe(
    'provisional until the watermark has passed the end plus the allowed lateness; revised: an event was counted after that',
  )
export type WindowStatus = z.output<typeof windowStatus>

export const rfc3339 = z.iso.datetime({ offset: true }).describe('RFC 3339')
export const calendarDate = z.iso.date().describe('YYYY-MM-DD')
