/** Impact per unit of work, in the form of the SCI score: (E x I + M) per R. Ranges are those of the totals, divided by R. */
import type { Range } from '@ecomind/footprint'
import type { IntensityNumbers, Numbers } from '@ecomind/schemas'

const G_PER_KG = 1000
const WH_PER_KWH = 1000
const TOKENS_PER_UNIT = 1000

/** Units of work are counted, so they have no error. */
const per = (range: Range, units: number, factor: number): Range | null =>
  units === 0
    ? null
    : {
        low: (range.low * factor) / units,
        central: (range.central * factor) / units,
        high: (range.high * factor) / units,
      }

export interface WorkUnits {
  readonly users: number
  /** Reasoning tokens that are not part of the tokens out. */
  readonly tokensReasoningSeparate: number
}

export function intensityOf(numbers: Numbers, { users, tokensReasoningSeparate }: WorkUnits): IntensityNumbers {
  const { calls } = numbers
  const tokens = numbers.tokens_in + numbers.tokens_out + tokensReasoningSeparate
  const co2Kg = { low: numbers.co2_kg_low, central: numbers.co2_kg, high: numbers.co2_kg_high }
  const energyKwh = { low: numbers.kwh_low, central: numbers.kwh, high: numbers.kwh_high }
  return {
    calls,
    tokens,
    users,
    sci: {
      energy_kwh: energyKwh,
      intensity_g_per_kwh: numbers.kwh === 0 ? null : (numbers.co2_kg_use * G_PER_KG) / numbers.kwh,
      embodied_g: numbers.co2_kg_embodied * G_PER_KG,
      total_g: per(co2Kg, 1, G_PER_KG) ?? co2Kg,
    },
    g_per_1k_tokens: per(co2Kg, tokens / TOKENS_PER_UNIT, G_PER_KG),
    g_per_call: per(co2Kg, calls, G_PER_KG),
    g_per_user: per(co2Kg, users, G_PER_KG),
    wh_per_call: per(energyKwh, calls, WH_PER_KWH),
  }
}
