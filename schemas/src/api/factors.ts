/** Answers of `/v1/factors`: the factors of the running set, and those that an organisation states itself. */
import { z } from 'zod'
import { range } from './answers.ts'
import { rfc3339 } from './numbers.ts'

const tier = z
  .enum(['A', 'B', 'C', 'D', 'E'])
  .describe(
    'A disclosed by the provider, B measured, C modelled from a disclosed size, D from a guess of it, E a guess',
  )
const boundary = z
  .enum(['gpu', 'it', 'facility'])
  .describe('what the figures were measured on; PUE and the GPU-to-IT factor are applied only where they are missing')

/** As it was stated: nothing is filled in. */
const statedEnergy = z.discriminatedUnion('form', [
  z.object({
    form: z.literal('tokens'),
    boundary,
    base_wh: range.describe('Wh a call'),
    wh_per_1k_in: range.describe('Wh per 1,000 fresh input tokens'),
    wh_per_1k_cache_read: range.optional().describe('absent: as wh_per_1k_in'),
    wh_per_1k_cache_write: range.optional().describe('absent: as wh_per_1k_in'),
    wh_per_1k_out: range.describe('Wh per 1,000 output tokens'),
    wh_per_1k_in_squared: range.optional().describe('Wh per (1,000 input tokens) squared; absent: 0'),
  }),
  z.object({ form: z.literal('call'), boundary, kwh_per_call: range.describe('kWh a call, whatever its tokens') }),
])

export const overrideItem = z
  .object({
    kind: z.literal('override'),
    id: z.string(),
    version: z.number().int().describe('1 and up, one more with every change'),
    provider: z.string(),
    model: z.string().describe('a name in any spelling, or with * for any text'),
    energy: statedEnergy,
    pue: range.optional(),
    wue_onsite_l_per_kwh_it: range.optional().describe('litres per kWh of IT energy'),
    region: z.string().optional().describe('where calls that name no region are served'),
    valid_from: rfc3339.describe("start, part of the period, by the event's own time"),
    valid_to: rfc3339.nullable().describe('end, not part of the period; null: for ever'),
    tier,
    evidence: z.object({ text: z.string(), url: z.string().optional(), year: z.number().int() }),
    created_by: z.string(),
    created_at: rfc3339.describe('when this version was written'),
    factor_set: z
      .string()
      .nullable()
      .describe('set of new events, this version in it; null: the loader has not taken it up yet'),
  })
  .meta({ id: 'FactorOverride' })

const figure = range.extend({ sources: z.array(z.string()).describe('ids of sources') })

export const factorItem = z
  .object({
    kind: z.literal('factor'),
    id: z.string().describe('as in usage_events.factor_id'),
    provider: z.string(),
    model: z.string(),
    name: z.string(),
    class: z.string(),
    tier,
    disclosed: z.boolean().describe('the maker has published the size of the model'),
    energy: z.object({ form: z.enum(['tokens', 'call']) }).catchall(z.unknown()),
    pue: figure,
    wue_onsite_l_per_kwh_it: figure,
    embodied_g_per_kwh_it: figure,
    reasoning: z.enum(['never', 'optional', 'always']).optional(),
    note: z.string().optional(),
    factor_set: z.string(),
    sources: z
      .array(
        z.object({
          id: z.string(),
          title: z.string(),
          url: z.string().optional(),
          year: z.number().int(),
          licence: z.string(),
        }),
      )
      .describe('those that its figures cite'),
  })
  .meta({ id: 'Factor' })

export const factorEntry = z.discriminatedUnion('kind', [overrideItem, factorItem])
export const factorsAnswer = z
  .object({ items: z.array(factorEntry), next_cursor: z.string().optional() })
  .meta({ id: 'FactorsAnswer' })
export const overrideDeleted = z
  .object({ id: z.string(), version: z.number().int(), deleted_at: rfc3339 })
  .meta({ id: 'OverrideDeleted' })

export type OverrideItem = z.output<typeof overrideItem>
export type FactorItem = z.output<typeof factorItem>
export type FactorEntry = z.output<typeof factorEntry>
export type FactorsAnswer = z.output<typeof factorsAnswer>
export type OverrideDeleted = z.output<typeof overrideDeleted>
