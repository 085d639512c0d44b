/** Answer of `GET /v1/co2/market-based`: the second number beside the location-based total. */
import { z } from 'zod'
import { range, source } from './answers.ts'
import { rfc3339 } from './numbers.ts'

export const MARKET_BASES = ['provider', 'grid', 'location'] as const

export const marketBasedGroup = z
  .object({
    provider: z.string().describe('as in the factor set'),
    factor_set: z.string(),
    grid_id: z.string(),
    basis: z
      .enum(MARKET_BASES)
      .describe(
        "whose figure was applied: the provider's instrument, the residual mix of the grid, or, where neither is known, the location-based figure",
      ),
    instrument: z.string().nullable(),
    year: z.number().int().nullable(),
    g_per_kwh: range,
    source_ids: z.array(z.string()),
    calls: z.number().int(),
    kwh: z.number(),
    co2_kg_use_market: z.number(),
    co2_kg_use_location: z.number(),
  })
  .meta({ id: 'MarketBasedGroup' })

export const marketBasedAnswer = z
  .object({
    from: rfc3339,
    to: rfc3339,
    tz: z.string(),
    method: z.literal('market-based'),
    calls: z.number().int(),
    calls_left_out: z.number().int(),
    co2_kg_market: range.describe('electricity market-based plus embodied, which no instrument changes'),
    co2_kg_location: range.describe('the total of /v1/usage for the same calls, computed from sums'),
    co2_kg_use_market: z.number(),
    co2_kg_embodied: z.number(),
    kwh_share_with_instrument: z
      .number()
      .nullable()
      .describe('share of the kWh for which an instrument is known; the rest stands in with its location-based figure'),
    groups: z.array(marketBasedGroup),
    sources: z.array(source),
  })
  .meta({ id: 'MarketBasedAnswer' })

export type MarketBasedGroup = z.output<typeof marketBasedGroup>
export type MarketBasedAnswer = z.output<typeof marketBasedAnswer>
