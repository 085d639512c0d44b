/** Answer of `GET /v1/usage/explain`: how a total came about. */
import { z } from 'zod'
import { explainStep, range, source } from './answers.ts'
import { rfc3339 } from './numbers.ts'

const sums = z.object({ kwh: range, water_l: range, co2_kg: range })

export const explainedGroup = z
  .object({
    id: z.string().describe('g1, g2, ...: its stored numbers stand in the steps of the total as g1_kwh and so on'),
    factor_set: z.string(),
    method_version: z.string(),
    factor: z.object({ id: z.string(), class: z.string(), tier: z.string(), note: z.string().optional() }),
    grid: z.object({ id: z.string(), name: z.string(), year: z.number().int(), basis: z.string() }),
    activity: z
      .object({
        calls: z.number().int(),
        tokens_in: z.number(),
        tokens_in_squared: z.number().describe('sum of min(tokens_in, 200000)^2 over the calls'),
        tokens_cache_read: z.number(),
        tokens_cache_write: z.number(),
        tokens_out: z.number(),
        tokens_reasoning_separate: z.number(),
        tokens_out_reasoning_hidden: z.number(),
      })
      .describe('sums over the calls of the group'),
    steps: z.array(explainStep).describe('one computation over the sums'),
    computed: sums.describe('results of the steps'),
    stored: sums.describe('sums of the stored numbers of the calls'),
    rounding_bound: z
      .number()
      .describe(
        'how far computed and stored may lie apart: 0.5e-12 per call, because each call was rounded when it was stored',
      ),
    agrees: z.boolean().describe('they lie no further apart, but for 1e-9 of double arithmetic'),
    flags: z.array(z.object({ code: z.string(), message: z.string() })),
  })
  .meta({ id: 'ExplainedGroup' })

export const totalExplanation = z
  .object({
    from: rfc3339,
    to: rfc3339,
    tz: z.string(),
    calls: z.number().int(),
    calls_left_out: z
      .number()
      .int()
      .describe('calls whose factors are not in the database any more; not in the total here'),
    total: sums,
    steps: z
      .array(explainStep)
      .describe(
        'from the stored numbers of the groups to the total; combine(class: sum, ...) is the rule of ranges: sums of one model add up, models of one class are correlated with 0.5, classes not at all',
      ),
    groups: z.array(explainedGroup).describe('one per factor set, factor and grid, the largest CO2e first'),
    sources: z.array(source),
    flags: z.array(z.object({ code: z.string(), message: z.string() })),
    reproduced: z.boolean().describe('every group agrees, and the steps computed again give exactly the total'),
  })
  .meta({ id: 'TotalExplanation' })

export type ExplainedGroupAnswer = z.output<typeof explainedGroup>
export type TotalExplanationAnswer = z.output<typeof totalExplanation>
