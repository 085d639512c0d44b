/** Models, their classes, and what their figures rest on. */
import { z } from 'zod'
import { callEnergy, tokenEnergy } from './definition-energy.ts'
import { id, multiplier, name, quantity, sourceIds, tierMultipliers } from './definition-values.ts'

const TIERS = ['A', 'B', 'C', 'D', 'E'] as const
const tier = z
  .enum(TIERS)
  .describe(
    'A disclosed by the provider, B measured, C modelled from a disclosed size, D from a guess of it, E a guess',
  )

/** What a class is for; a guess by name ranges over classes of the same purpose only. */
const PURPOSES = ['text', 'embedding', 'image', 'audio'] as const

export const modelClass = z.strictObject({
  id,
  name,
  /** Order of size; a guess by name spans the neighbours. Absent for classes of another purpose (embedding). */
  rank: z.number().int().optional(),
  /** A name that states up to so many billion parameters is guessed to be of this class. */
  params_b_max: z.number().positive().optional(),
  /** Words of a model name, in lower case, that suggest this class; the first class of the file that matches wins. */
  words: z.array(z.string().regex(/^[a-z0-9]+$/)).default([]),
  /** Absent: text if it has a rank. For images `energy.base_wh` is that of one request, its tokens are mostly free. */
  purpose: z.enum(PURPOSES).optional(),
  energy: tokenEnergy,
  hidden_reasoning_multiplier: multiplier.optional(),
  tier_multipliers: tierMultipliers.optional(),
  note: z.string().optional(),
})

const REASONING = ['never', 'optional', 'always'] as const
export type Reasoning = (typeof REASONING)[number]

const architecture = z.strictObject({
  /** Billions of parameters. */
  params_total_b: quantity.optional(),
  /** Billions used for one token; less than the total in a mixture of experts. */
  params_active_b: quantity.optional(),
})

const grade = z.number().int().min(1).max(5)
/** What the tier of a model rests on. */
const evidence = z.strictObject({
  method: z.enum(['measured', 'disclosed', 'modelled', 'proxy', 'expert']),
  sources: sourceIds,
  /** Pedigree matrix, 1 best to 5 worst. */
  pedigree: z
    .strictObject({ reliability: grade, completeness: grade, time: grade, geography: grade, technology: grade })
    .optional(),
  /** Which tokens the figure was measured on. */
  tokens_basis: name.optional(),
  note: z.string().optional(),
  /** The day on which somebody should look again. */
  review_due: z.iso.date().optional(),
})

const glob = z
  .string()
  .regex(/^[^*]*[a-z0-9][^*]*(\*[^*]*)*$|^\*.*[a-z0-9].*$/, 'must be lower case with * as wildcard')
export const model = z.strictObject({
  id,
  name,
  vendor: z.string(),
  class: z.string(),
  tier,
  disclosed: z.boolean().describe('the maker has published the size'),
  /** Providers that serve it; each gets a factor of its own, all others share the one of the provider `other`. */
  served_by: z.array(z.string()).min(1),
  aliases: z.array(z.string()).default([]),
  patterns: z.array(z.strictObject({ glob, priority: z.number().int().min(0).max(1000) })).default([]),
  /** Absent: the energy of its class. */
  energy: z.discriminatedUnion('form', [tokenEnergy, callEnergy]).optional(),
  /** Absent: never. `always` and `optional` matter where only visible text was counted. */
  reasoning: z.enum(REASONING).optional(),
  architecture: architecture.optional(),
  evidence: evidence.optional(),
  note: z.string().optional(),
})

/** For models whose energy is measured or fitted apart from what is known of their names and makers. */
export const modelEnergy = z.strictObject({
  model: z.string(),
  /** Instead of the tier in the record of the model. */
  tier,
  energy: tokenEnergy,
  evidence: evidence.optional(),
})
export type ModelEnergy = z.output<typeof modelEnergy>
export type ModelClass = z.output<typeof modelClass>
export type Model = z.output<typeof model>
