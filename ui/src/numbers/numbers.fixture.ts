/** A row of numbers for tests: three calls, low half and high double the central value, when there is any energy. */
import type { Numbers } from '@ecomind/schemas'

export function numbersOf(kwh: number, quality?: Numbers['quality']): Numbers {
  const calls = kwh > 0 ? 3 : 0
  const all = { grade: 'A', measured: 1, estimated: 0, unknown: 0 } as const
  const none = { grade: 'none', measured: 0, estimated: 0, unknown: 0 } as const
  return {
    calls,
    tokens_in: calls * 100,
    tokens_out: calls * 50,
    tokens_cache_read: 0,
    tokens_cache_write: 0,
    tokens_reasoning: 0,
    kwh,
    kwh_low: kwh / 2,
    kwh_high: kwh * 2,
    water_l: kwh * 3,
    water_l_low: kwh,
    water_l_high: kwh * 6,
    water_l_onsite: kwh,
    water_l_offsite: kwh * 2,
    co2_kg: kwh / 2,
    co2_kg_low: kwh / 4,
    co2_kg_high: kwh,
    co2_kg_use: kwh * 0.4,
    co2_kg_embodied: kwh * 0.1,
    quality: quality ?? (calls > 0 ? all : none),
  }
}
