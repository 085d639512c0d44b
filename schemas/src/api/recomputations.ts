/** Answers about recomputations of the past: `/v1/recomputations`. */
import { z } from 'zod'
import { rfc3339 } from './numbers.ts'
import { footprintRanges } from './whatif.ts'

const changeOf = (unit: string) =>
  z
    .object({
      before: z.number(),
      after: z.number(),
      factor_change: z.number().describe('new factors on the grids of before, minus before'),
      grid_change: z.number().describe('new grids instead of those of before, under the new factors'),
    })
    .describe(`${unit}; before + factor_change + grid_change = after, but for the rounding of doubles`)

const changes = { kwh: changeOf('kWh'), water_l: changeOf('litres'), co2_kg: changeOf('kg CO2e') }

export const recomputationPreview = z
  .object({
    from: z.iso.date(),
    to: z.iso.date().describe('the day behind the last one'),
    factor_set: z.string(),
    calls: z.number(),
    calls_left_out: z.number().describe('calls whose stored factor or grid is not in the database; not in the figures'),
    before: footprintRanges.describe('as it is answered now'),
    after: footprintRanges.describe('under the new factor set'),
    ...changes,
    by_model: z.array(z.object({ provider: z.string(), model: z.string(), calls: z.number(), ...changes })),
    by_region: z.array(z.object({ region: z.string(), calls: z.number(), ...changes })),
    by_month: z.array(z.object({ month: z.string().describe('YYYY-MM'), calls: z.number(), ...changes })),
  })
  .meta({ id: 'RecomputationPreview' })

export const recomputation = z
  .object({
    id: z.string(),
    org_id: z.string(),
    generation: z.number().int().describe('ascending per organisation; 0 are the numbers of ingestion'),
    from: z.iso.date(),
    to: z.iso.date().describe('the day behind the last one'),
    factor_set: z.string(),
    actor: z.string(),
    state: z.enum(['running', 'done', 'failed', 'taking_back', 'taken_back']),
    started_at: rfc3339,
    finished_at: rfc3339.nullable(),
    progress: z.object({ chunks: z.number().int(), chunks_done: z.number().int() }),
    error: z.string().nullable(),
    earlier_retired: z.boolean().describe('generations before this one are not answered any more'),
    report: recomputationPreview.describe('the preview of the moment at which the run was started'),
  })
  .meta({ id: 'Recomputation' })

export const recomputationAnswer = z
  .object({
    preview: recomputationPreview,
    run: recomputation.nullable().describe('null for a preview'),
  })
  .meta({ id: 'RecomputationAnswer' })
export const recomputationsAnswer = z.object({ items: z.array(recomputation) }).meta({ id: 'RecomputationsAnswer' })

export type RecomputationPreview = z.infer<typeof recomputationPreview>
export type Recomputation = z.infer<typeof recomputation>
export type RecomputationAnswer = z.infer<typeof recomputationAnswer>
