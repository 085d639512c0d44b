/** Numbers with their sources, and the few other values that several records of a factor set share. */
import { z } from 'zod'

export const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:~-]*$/, 'must be letters, digits and . _ : ~ -')
export const name = z.string().min(1).max(400)
export const sourceIds = z.array(z.string()).min(1, 'needs at least one source id')
export const finite = z.number().min(0, 'must be 0 or more')

/** `{value, sources}` is short for a number that is exact by definition. */
const expandValue = (q: unknown): unknown => {
  if (typeof q !== 'object' || q === null || !('value' in q)) return q
  const { value, ...rest } = q
  return { low: value, central: value, high: value, ...rest }
}
/** Written as {low, central, high, sources} or as {value, sources}. */
export const quantity = z
  .preprocess(expandValue, z.strictObject({ low: finite, central: finite, high: finite, sources: sourceIds }))
  .refine((q) => q.low <= q.central, { error: 'low must not exceed central' })
  .refine((q) => q.central <= q.high, { error: 'central must not exceed high' })
  .refine((q) => q.central > 0 || q.high === 0, { error: 'a central of 0 needs a high of 0' })
export type Quantity = z.output<typeof quantity>

export const pue = quantity.refine((q) => q.low >= 1, {
  error: 'low must be 1 or more: PUE is facility over IT energy',
})

/** 1 or more: how many times the energy of the visible output a call takes when the model reasons unseen. */
export const multiplier = quantity
  .refine((q) => q.low >= 1, { error: 'low must be 1 or more: reasoning only adds to the visible output' })
  .refine((q) => q.central > 1 || q.high === 1, { error: 'a central of 1 needs a high of 1' })

export const SERVICE_TIERS = ['batch', 'flex'] as const
export type ServiceTier = (typeof SERVICE_TIERS)[number]
/** Energy of a call of the tier over that of a standard one. */
export const tierMultipliers = z.strictObject({ batch: quantity.optional(), flex: quantity.optional() })

/** Contractual figure, for the market-based number that stands beside the location-based total. */
export const market = z.strictObject({
  /** g CO2e per kWh after certificates and contracts; 0 is allowed here. */
  g_per_kwh_market: quantity,
  /** What the figure rests on: certificates, power purchase agreement, residual mix, supplier's figure ... */
  instrument: name,
  year: z.number().int().min(1990).max(2100),
  note: z.string().optional(),
})
export type TierMultipliers = z.output<typeof tierMultipliers>
export type Market = z.output<typeof market>

/** On-site water figures count what evaporates or all that is drawn: not to be compared with each other. */
export const WUE_BASES = ['consumption', 'withdrawal', 'mixed'] as const
