/** Answers about the same work done otherwise: `POST /v1/whatif` and `GET /v1/suggestions`. */
import { z } from 'zod'
import { range } from './answers.ts'
import { rfc3339 } from './numbers.ts'

export const footprintRanges = z
  .object({
    kwh: range.describe('kWh at the meter of the data centre'),
    water_l: range.describe('litres'),
    co2_kg: range.describe('kg CO2e, location-based'),
  })
  .meta({ id: 'FootprintRanges' })

/** What is changed; at least one field. */
export const change = z
  .object({
    model: z.string().optional(),
    provider: z.string().optional(),
    region: z.string().optional(),
    grid: z.string().optional(),
    service_tier: z.enum(['standard', 'batch', 'flex']).optional(),
    cache_read_share: z.number().min(0).max(1).optional(),
    period: z.object({ from: rfc3339, to: rfc3339 }).optional(),
  })
  .meta({ id: 'Change' })

const comparison = {
  baseline: footprintRanges.describe(
    'the work as it was done, computed from its sums with the factors it was stored with',
  ),
  scenario: footprintRanges.describe('the work under the change, with the factors of the same set'),
  difference: footprintRanges.describe(
    'scenario minus baseline, negative where the change saves; errors that both sides share cancel, so its range is not that of two totals',
  ),
  co2_change_share: z
    .number()
    .nullable()
    .describe('central difference of CO2e over the baseline, -0.5 for half of it saved; null when there was none'),
}

export const whatifMove = z
  .object({
    calls: z.number(),
    from: z.object({ factor_set: z.string(), factor_id: z.string(), grid_id: z.string() }).nullable(),
    to: z
      .object({
        factor_id: z.string(),
        factor_match: z.string(),
        grid_id: z.string(),
        grid_match: z.string(),
      })
      .nullable(),
    difference_co2_kg: range,
  })
  .meta({ id: 'WhatifMove' })

export const whatifAnswer = z
  .object({
    from: rfc3339,
    to: rfc3339,
    tz: z.string(),
    change,
    calls: z.number().int(),
    calls_left_out: z.number().int().describe('calls whose factors are not in the database any more; not compared'),
    ...comparison,
    reported: z
      .object({ kwh: z.number(), water_l: z.number(), co2_kg: z.number() })
      .describe('the stored totals of the same calls; the baseline is equal but for the rounding of single events'),
    moves: z.array(whatifMove).describe('which work moved where, the largest changes of CO2e first, at most 50'),
    moves_total: z.number().int(),
    flags: z.array(z.object({ code: z.string(), message: z.string() })),
    assumptions: z.array(z.string()).describe('what has to hold for the difference to be real'),
  })
  .meta({ id: 'WhatifAnswer' })

export const SUGGESTION_KINDS = ['smaller_model', 'cleaner_region', 'batch_tier', 'more_cache'] as const

export const suggestion = z
  .object({
    kind: z.enum(SUGGESTION_KINDS),
    title: z.string(),
    filter: z
      .array(z.string())
      .describe('the calls it is about; with `change` the body of POST /v1/whatif that answers the same'),
    change,
    calls: z.number().int(),
    ...comparison,
    flags: z.array(z.object({ code: z.string(), message: z.string() })),
    assumptions: z.array(z.string()),
  })
  .meta({ id: 'Suggestion' })

export const suggestionsAnswer = z
  .object({
    from: rfc3339,
    to: rfc3339,
    tz: z.string(),
    calls: z.number().int(),
    calls_left_out: z.number().int(),
    baseline: footprintRanges,
    items: z
      .array(suggestion)
      .describe('at most three, the largest central saving of CO2e first; each by itself: savings do not add up'),
  })
  .meta({ id: 'SuggestionsAnswer' })

export type FootprintRanges = z.output<typeof footprintRanges>
export type Change = z.output<typeof change>
export type WhatifMove = z.output<typeof whatifMove>
export type WhatifAnswer = z.output<typeof whatifAnswer>
export type Suggestion = z.output<typeof suggestion>
export type SuggestionsAnswer = z.output<typeof suggestionsAnswer>
