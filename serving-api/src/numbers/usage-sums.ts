/**
 * Sums of usage, kept apart by factor: central values add up exactly, low and high do not, because the errors of one
 * factor move together and those of different factors do not. Rows and totals are both made from these sums, totals
 * never from the ranges of rows.
 */
import { combineRanges, type RangeGroup } from '@ecomind/footprint'
import type { Numbers } from '@ecomind/schemas'
import { DecimalSums } from './decimal-sums.ts'
import { qualityOf } from './quality.ts'

const COUNTS = [
  'calls',
  'tokens_in',
  'tokens_out',
  'tokens_cache_read',
  'tokens_cache_write',
  'tokens_reasoning',
  'calls_measured',
  'calls_unknown',
] as const
const PARTS = ['water_l_onsite', 'co2_kg_use'] as const
const QUANTITIES = ['kwh', 'water_l', 'co2_kg'] as const

const BOUNDS = QUANTITIES.flatMap((q) => [q, `${q}_low`, `${q}_high`] as const)
const BOUNDS_EACH = BOUNDS.length / QUANTITIES.length

/** What a question about usage sums up, in the order in which it answers. */
export const SUMMED = [...COUNTS, ...PARTS, ...BOUNDS] as const
export const isCount = (column: string): boolean => (COUNTS as readonly string[]).includes(column)
const BOUNDS_AT = COUNTS.length + PARTS.length

/** A factor of a group: its id, the factor set it was last seen in, and the sums of SUMMED as text. */
export type FactorSums = readonly [factorId: string, factorSet: string, ...sums: string[]]
const SUMS_FROM = 2

/** How errors of a factor are correlated: fully with those of the same model, partly inside a class. */
export interface FactorKinship {
  readonly class: string
  readonly model: string
}

export type KinshipOf = (factorSet: string, factorId: string) => FactorKinship

interface Factor {
  readonly id: string
  set: string
  /** Where its sums begin. */
  readonly at: number
}

/** Sums that an item states as they are: counts, parts, central values, and what is left of those without their part. */
const EXACT = [...COUNTS, ...PARTS, ...QUANTITIES, 'water_l_offsite', 'co2_kg_embodied'] as const
const EXACT_AT = Object.fromEntries(EXACT.map((name, i) => [name, i])) as Record<(typeof EXACT)[number], number>

export class UsageSums {
  readonly #byFactor = new Map<string, Factor>()
  /** For each factor its sums in the order of SUMMED. */
  readonly #sums = new DecimalSums(0)

  /** Several may be of one factor. */
  add(factors: readonly FactorSums[]): void {
    for (const factor of factors) {
      const { at } = this.#factorOf(factor[0], factor[1])
      for (let i = 0; i < SUMMED.length; i++) this.#sums.add(at + i, factor[SUMS_FROM + i] ?? '')
    }
  }

  /** Adds what another one holds. */
  include(other: UsageSums): void {
    for (const { id, set, at } of other.#byFactor.values()) {
      const own = this.#factorOf(id, set)
      for (let i = 0; i < SUMMED.length; i++) this.#sums.addFrom(own.at + i, other.#sums, at + i)
    }
  }

  /** Full double precision; rounding is for whoever shows it. */
  toNumbers(kinshipOf: KinshipOf): Numbers {
    // In one order, whatever the order of rows: rounding must not make the same question answer differently.
    const factors = [...this.#byFactor.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
    const kinships = factors.map(({ id, set }) => kinshipOf(set, id))
    const exact = this.#exactSums(factors)
    const number = (name: (typeof EXACT)[number]): number => exact.toNumber(EXACT_AT[name])
    const [kwh, water, co2] = QUANTITIES.map((q, i) =>
      this.#combined(factors, kinships, BOUNDS_AT + BOUNDS_EACH * i, number(q)),
    ) as [Bounds, Bounds, Bounds]
    return {
      calls: number('calls'),
      tokens_in: number('tokens_in'),
      tokens_out: number('tokens_out'),
      tokens_cache_read: number('tokens_cache_read'),
      tokens_cache_write: number('tokens_cache_write'),
      tokens_reasoning: number('tokens_reasoning'),
      kwh: number('kwh'),
      kwh_low: kwh.low,
      kwh_high: kwh.high,
      water_l: number('water_l'),
      water_l_low: water.low,
      water_l_high: water.high,
      water_l_onsite: number('water_l_onsite'),
      water_l_offsite: number('water_l_offsite'),
      co2_kg: number('co2_kg'),
      co2_kg_low: co2.low,
      co2_kg_high: co2.high,
      co2_kg_use: number('co2_kg_use'),
      co2_kg_embodied: number('co2_kg_embodied'),
      quality: qualityOf({
        calls: number('calls'),
        measured: number('calls_measured'),
        unknown: number('calls_unknown'),
      }),
    }
  }

  /** In the order of EXACT. */
  #exactSums(factors: readonly Factor[]): DecimalSums {
    const exact = new DecimalSums(EXACT.length)
    for (const { at } of factors) {
      for (let i = 0; i < BOUNDS_AT; i++) exact.addFrom(i, this.#sums, at + i)
      for (let q = 0; q < QUANTITIES.length; q++)
        exact.addFrom(BOUNDS_AT + q, this.#sums, at + BOUNDS_AT + BOUNDS_EACH * q)
    }
    exact.addFrom(EXACT_AT.water_l_offsite, exact, EXACT_AT.water_l)
    exact.addFrom(EXACT_AT.water_l_offsite, exact, EXACT_AT.water_l_onsite, -1)
    exact.addFrom(EXACT_AT.co2_kg_embodied, exact, EXACT_AT.co2_kg)
    exact.addFrom(EXACT_AT.co2_kg_embodied, exact, EXACT_AT.co2_kg_use, -1)
    return exact
  }

  #factorOf(id: string, set: string): Factor {
    const known = this.#byFactor.get(id)
    if (known !== undefined) {
      // The newest, whatever the order of rows.
      if (set > known.set) known.set = set
      return known
    }
    const made = { id, set, at: SUMMED.length * this.#byFactor.size }
    this.#byFactor.set(id, made)
    this.#sums.extendTo(made.at + SUMMED.length)
    return made
  }

  /** `offset`: where the quantity's central, low and high stand in SUMMED. */
  #combined(
    factors: readonly Factor[],
    kinships: readonly FactorKinship[],
    offset: number,
    exactCentral: number,
  ): Bounds {
    const sum = (factor: Factor, i: number): number => this.#sums.toNumber(factor.at + offset + i)
    const [only] = factors
    // One factor: its sums are the answer, without the rounding of the general way.
    if (factors.length === 1 && only !== undefined) return { low: sum(only, 1), high: sum(only, 2) }
    const groups = factors.map((factor, f): RangeGroup => {
      const kinship = kinships[f] as FactorKinship
      const range = { central: sum(factor, 0), low: sum(factor, 1), high: sum(factor, 2) }
      return { class: kinship.class, factor: kinship.model, range }
    })
    const combined = combineRanges(groups)
    // Rounding of the combination must not push a bound across the exact central value.
    return { low: Math.min(combined.low, exactCentral), high: Math.max(combined.high, exactCentral) }
  }
}

interface Bounds {
  readonly low: number
  readonly high: number
}
