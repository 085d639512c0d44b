/**
 * How large figures of an override may be. They are far above what any call takes (judgement, not a measurement) and
 * keep the numbers of one call below 9,007 kWh, litres and kg, where stored numbers stop.
 */
import type { FactorOverride } from '@ecomind/footprint'
import { invalidParameter } from '../http/api-error.ts'

const ENERGY_MOST = {
  kwh_per_call: 1000,
  base_wh: 1_000_000,
  wh_per_1k_in: 1000,
  wh_per_1k_cache_read: 1000,
  wh_per_1k_cache_write: 1000,
  wh_per_1k_out: 1000,
  wh_per_1k_in_squared: 1,
} as const
const SITE_MOST = { pue: 10, wue_onsite_l_per_kwh_it: 100 } as const

/** @throws ApiError invalid_parameter */
export function checkMagnitudes({ energy, pue, wue_onsite_l_per_kwh_it }: FactorOverride): void {
  checkAll('energy.', energy, ENERGY_MOST)
  checkAll('', { pue, wue_onsite_l_per_kwh_it }, SITE_MOST)
}

function checkAll(prefix: string, figures: Readonly<Record<string, unknown>>, most: Readonly<Record<string, number>>) {
  for (const [name, limit] of Object.entries(most)) {
    const figure = figures[name]
    if (typeof figure !== 'object' || figure === null || !('high' in figure)) continue
    if (Number(figure.high) > limit) throw invalidParameter(`${prefix}${name}.high`, `must be at most ${limit}`)
  }
}
