/** Sizes that makers publish, as they stand in the records of the models of the set. */
import { z } from 'zod'
import { TEXT_CLASSES, type TextClass } from './evidence.ts'

export interface DisclosedSize {
  readonly model: string
  readonly class: TextClass
  /** Billions of parameters; a model without a figure for active ones is taken for dense. */
  readonly totalB: number
  readonly activeB: number
  readonly sources: readonly string[]
}

/** Half of the smallest and twice the largest measured size: beyond, a model takes its class. */
const TOTAL_B_MIN = 4
const TOTAL_B_MAX = 1400
/** The largest dense model that was measured: above, one without a figure for active parameters is likely a mixture. */
const DENSE_B_MAX = 405

const size = z.union([
  z.object({ value: z.number(), sources: z.array(z.string()) }),
  z
    .object({ central: z.number(), sources: z.array(z.string()) })
    .transform(({ central, sources }) => ({ value: central, sources })),
])
const modelFile = z.object({
  models: z
    .array(
      z.object({
        id: z.string(),
        class: z.string(),
        disclosed: z.boolean(),
        energy: z.unknown().optional(),
        architecture: z.object({ params_total_b: size.optional(), params_active_b: size.optional() }).optional(),
      }),
    )
    .default([]),
})

/** From the contents of the model files. Models with energy of their own are left out. */
export function disclosedSizes(files: readonly unknown[]): DisclosedSize[] {
  const models = files.flatMap((content) => modelFile.parse(content).models)
  return models.flatMap((m): DisclosedSize[] => {
    const total = m.architecture?.params_total_b
    const active = m.architecture?.params_active_b ?? total
    const textClass = TEXT_CLASSES.find((c) => c === m.class)
    if (!m.disclosed || m.energy !== undefined || textClass === undefined) return []
    if (total === undefined || active === undefined) return []
    if (total.value < TOTAL_B_MIN || total.value > TOTAL_B_MAX) return []
    if (active === total && total.value > DENSE_B_MAX) return []
    return [
      {
        model: m.id,
        class: textClass,
        totalB: total.value,
        activeB: active.value,
        sources: [...new Set([...total.sources, ...active.sources])],
      },
    ]
  })
}
