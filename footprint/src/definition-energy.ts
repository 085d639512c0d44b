/** What a call costs: per token, or one figure per call. */
import { z } from 'zod'
import { pue, quantity } from './definition-values.ts'

const BOUNDARIES = ['gpu', 'it', 'facility'] as const
const tokenEnergyFields = z.strictObject({
  form: z.literal('tokens'),
  /** What the Wh below were measured on; PUE and the GPU-to-IT factor are applied only where they are missing. */
  boundary: z.enum(BOUNDARIES),
  base_wh: quantity,
  wh_per_1k_in: quantity,
  wh_per_1k_cache_read: quantity,
  wh_per_1k_cache_write: quantity,
  wh_per_1k_out: quantity,
  wh_per_1k_in_squared: quantity,
})
const BANDS = ['low', 'central', 'high'] as const
export const tokenEnergy = tokenEnergyFields.refine(
  (e) => BANDS.every((band) => e.wh_per_1k_cache_read[band] <= e.wh_per_1k_in[band]),
  { path: ['wh_per_1k_cache_read'], error: 'must not exceed wh_per_1k_in: a cached token saves work' },
)
export const callEnergy = z.strictObject({
  form: z.literal('call'),
  /** IT energy of one call; kWh = kwh_per_call x PUE. */
  kwh_per_call: quantity,
  /** Instead of the PUE of the provider. */
  pue: pue.optional(),
  /** Per kWh at the meter. */
  water_l_per_kwh: quantity,
  /** Share of the water that is on-site; absent: not split, all of it counts as on-site. */
  water_onsite_share: z.number().min(0).max(1).optional(),
  /** Absent: the grid's figure. */
  co2_kg_per_kwh: quantity.optional(),
})
export type TokenEnergy = z.output<typeof tokenEnergy>
export type CallEnergy = z.output<typeof callEnergy>
