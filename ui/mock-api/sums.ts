/** Sums of the mock's calls as the API's row of numbers. Low and high are simply added, which the real API does not do (see README.md). */
import type { Numbers } from '@ecomind/schemas'
import type { MockEvent } from './events.ts'

const SUMMED = [
  'tokens_in',
  'tokens_out',
  'tokens_cache_read',
  'tokens_cache_write',
  'tokens_reasoning',
  'kwh',
  'kwh_low',
  'kwh_high',
  'water_l',
  'water_l_low',
  'water_l_high',
  'water_l_onsite',
  'water_l_offsite',
  'co2_kg',
  'co2_kg_low',
  'co2_kg_high',
  'co2_kg_use',
  'co2_kg_embodied',
] as const

function qualityOf(events: readonly MockEvent[]): Numbers['quality'] {
  const calls = events.length
  if (calls === 0) return { grade: 'none', measured: 0, estimated: 0, unknown: 0 }
  const unknown = events.filter((event) => !event.model.known).length / calls
  const measured =
    events.filter(({ item, model }) => model.known && !item.region_inferred && item.tokens_source === 'provider')
      .length / calls
  const estimated = Math.max(0, 1 - unknown - measured)
  if (unknown > 0.5) return { grade: 'E', measured, estimated, unknown }
  const grade = measured >= 0.95 ? 'A' : measured >= 0.75 ? 'B' : measured >= 0.5 ? 'C' : 'D'
  return { grade, measured, estimated, unknown }
}

export function sumOf(events: readonly MockEvent[]): Numbers {
  const sums = Object.fromEntries(
    SUMMED.map((field) => [field, events.reduce((sum, { item }) => sum + item[field], 0)]),
  ) as Record<(typeof SUMMED)[number], number>
  return { calls: events.length, ...sums, quality: qualityOf(events) }
}
