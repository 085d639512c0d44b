/** The numbers that the fit takes as given: evidence/judgements.yaml and what stands in factors_defaults.yaml for all. */
import { z } from 'zod'
import { TEXT_CLASSES } from './evidence.ts'

const cited = z.strictObject({
  low: z.number().min(0),
  central: z.number().min(0),
  high: z.number().min(0),
  sources: z.array(z.string()).min(1),
})
/** low, central, high (P5, P50, P95) with the sources they rest on. */
export type Cited = z.output<typeof cited>

const className = z.enum(TEXT_CLASSES)
const words = z.array(z.string())

const judgementFile = z.strictObject({
  licence: z.string(),
  input_ratio: cited,
  cache_read_ratio: cited,
  squared_ratio: cited,
  /** Wh per call. */
  base_wh: z.record(className, cited),
  same_architecture: z.array(z.strictObject({ model: z.string(), as: z.string() })),
  classes: z.array(
    z.strictObject({
      id: className,
      name: z.string(),
      rank: z.number().int(),
      params_b_max: z.number().optional(),
      words,
    }),
  ),
  embeddings: z.array(z.strictObject({ id: z.string(), name: z.string(), like: className, words })),
  images: z.array(z.strictObject({ id: z.string(), name: z.string(), words })),
})
const defaultsFile = z.object({ k_gpu_to_it: cited, hidden_reasoning_multiplier: cited })

export type Judgements = z.output<typeof judgementFile> & z.output<typeof defaultsFile>

/** Contents of evidence/judgements.yaml and data/factors_defaults.yaml. Throws on a wrong shape. */
export const readJudgements = (own: unknown, defaults: unknown): Judgements => ({
  ...judgementFile.parse(own),
  ...defaultsFile.parse(defaults),
})
