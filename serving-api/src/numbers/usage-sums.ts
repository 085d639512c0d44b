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

type CountName = (typeof COUNTS)[number]
type PartName = (typeof PARTS)[number]
type Quantity = (typeof QUANTITIES)[number]
type BoundName = Quantity | `${Quantity}_low` | `${Quantity}_high`

const BOUNDS: readonly BoundName[] = QUANTITIES.flatMap((q) => [q, `${q}_low`, `${q}_high`] as const)
const BOUNDS_EACH = BOUNDS.length / QUANTITIES.length

/** The columns that questions about usage answer: counts as text, and one array element per factor. */
export type UsageSumColumns = Readonly<Record<CountName, string>> &
  Readonly<Record<PartName, string>> & {
    readonly factor_ids: readonly string[]
    /** The factor set each factor was last seen in. */
    readonly factor_sets: readonly string[]
  } & Readonly<Record<`${BoundName}_by_factor`, readonly string[]>>

/** How errors of a factor are correlated: fully with those of the same model, partly inside a class. */
export interface FactorKinship {
  readonly class: string
  readonly model: string
}

export type KinshipOf = (factorSet: string, factorId: string) => FactorKinship

interface Factor {
  readonly id: string
  readonly set: string
  /** Where its sums begin in `#bounds`. */
  readonly at: number
}

/** Sums that a row states as they are: central values, and parts of them. */
const EXACT = [...QUANTITIES, 'water_l_onsite', 'water_l_offsite', 'co2_kg_use', 'co2_kg_embodied'] as const
const EXACT_AT = Object.fromEntries(EXACT.map((name, i) => [name, i])) as Record<(typeof EXACT)[number], number>
const [ONSITE, USE] = [0, 1]

export class UsageSums {
  readonly #counts = Object.fromEntries(COUNTS.map((name) => [name, 0n])) as Record<CountName, bigint>
  /** In the order of PARTS. */
  readonly #parts = new DecimalSums(PARTS.length)
  readonly #byFactor = new Map<string, Factor>()
  /** For each factor its sums in the order of BOUNDS. */
  readonly #bounds = new DecimalSums(0)

  add(row: UsageSumColumns): void {
    for (const name of COUNTS) this.#counts[name] += BigInt(row[name])
    for (const [i, name] of PARTS.entries()) this.#parts.add(i, row[name])
    const factors = row.factor_ids.map((id, f) => this.#factorOf(id, row.factor_sets[f] ?? ''))
    this.#bounds.extendTo(BOUNDS.length * this.#byFactor.size)
    for (const [i, bound] of BOUNDS.entries()) {
      const column = row[`${bound}_by_factor`]
      for (const [f, { at }] of factors.entries()) this.#bounds.add(at + i, column[f] ?? '0')
    }
  }

  /** Adds what another one holds. */
  include(other: UsageSums): void {
    for (const name of COUNTS) this.#counts[name] += other.#counts[name]
    for (let i = 0; i < PARTS.length; i++) this.#parts.addFrom(i, other.#parts, i)
    for (const { id, set, at } of other.#byFactor.values()) {
      const own = this.#factorOf(id, set)
      this.#bounds.extendTo(own.at + BOUNDS.length)
      for (let i = 0; i < BOUNDS.length; i++) this.#bounds.addFrom(own.at + i, other.#bounds, at + i)
    }
  }

  /** Full double precision; rounding is for whoever shows it. */
  toNumbers(kinshipOf: KinshipOf): Numbers {
    const count = (name: CountName): number => Number(this.#counts[name])
    // In one order, whatever the order of rows: rounding must not make the same question answer differently.
    const factors = [...this.#byFactor.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
    const kinships = factors.map(({ id, set }) => kinshipOf(set, id))
    const exact = this.#exactSums(factors)
    const number = (name: (typeof EXACT)[number]): number => exact.toNumber(EXACT_AT[name])
    const [kwh, water, co2] = QUANTITIES.map((q, i) =>
      this.#combined(factors, kinships, BOUNDS_EACH * i, number(q)),
    ) as [Bounds, Bounds, Bounds]
    return {
      calls: count('calls'),
      tokens_in: count('tokens_in'),
      tokens_out: count('tokens_out'),
      tokens_cache_read: count('tokens_cache_read'),
      tokens_cache_write: count('tokens_cache_write'),
      tokens_reasoning: count('tokens_reasoning'),
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
        calls: count('calls'),
        measured: count('calls_measured'),
        unknown: count('calls_unknown'),
      }),
    }
  }

  /** In the order of EXACT. */
  #exactSums(factors: readonly Factor[]): DecimalSums {
    const exact = new DecimalSums(EXACT.length)
    for (const { at } of factors)
      for (let quantity = 0; quantity < QUANTITIES.length; quantity++)
        exact.addFrom(quantity, this.#bounds, at + BOUNDS_EACH * quantity)
    exact.addFrom(EXACT_AT.water_l_onsite, this.#parts, ONSITE)
    exact.addFrom(EXACT_AT.water_l_offsite, exact, EXACT_AT.water_l)
    exact.addFrom(EXACT_AT.water_l_offsite, this.#parts, ONSITE, -1)
    exact.addFrom(EXACT_AT.co2_kg_use, this.#parts, USE)
    exact.addFrom(EXACT_AT.co2_kg_embodied, exact, EXACT_AT.co2_kg)
    exact.addFrom(EXACT_AT.co2_kg_embodied, this.#parts, USE, -1)
    return exact
  }

  #factorOf(id: string, set: string): Factor {
    const known = this.#byFactor.get(id)
    if (known !== undefined) return known
    const made = { id, set, at: BOUNDS.length * this.#byFactor.size }
    this.#byFactor.set(id, made)
    return made
  }

  /** `offset`: where the quantity's central, low and high stand among BOUNDS. */
  #combined(
    factors: readonly Factor[],
    kinships: readonly FactorKinship[],
    offset: number,
    exactCentral: number,
  ): Bounds {
    const sum = (factor: Factor, i: number): number => this.#bounds.toNumber(factor.at + offset + i)
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
