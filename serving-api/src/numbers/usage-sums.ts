/**
 * Sums of usage, kept apart by factor: central values add up exactly, low and high do not, because the errors of one
 * factor move together and those of different factors do not. Rows and totals are both made from these sums, totals
 * never from the ranges of rows.
 */
import { combineRanges, type RangeGroup } from '@ecomind/footprint'
import type { Numbers } from '@ecomind/schemas'
import { parseDecimal, toNumber } from './decimal.ts'
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

interface FactorSums {
  readonly factorSet: string
  readonly units: Record<BoundName, bigint>
}

export class UsageSums {
  readonly #counts: Record<CountName, bigint>
  readonly #parts: Record<PartName, bigint>
  readonly #byFactor = new Map<string, FactorSums>()

  constructor() {
    this.#counts = zeros(COUNTS)
    this.#parts = zeros(PARTS)
  }

  add(row: UsageSumColumns): void {
    for (const name of COUNTS) this.#counts[name] += BigInt(row[name])
    for (const name of PARTS) this.#parts[name] += parseDecimal(row[name])
    for (const [i, factorId] of row.factor_ids.entries()) {
      const sums = this.#sumsOf(factorId, row.factor_sets[i] ?? '')
      for (const bound of BOUNDS) sums.units[bound] += parseDecimal(row[`${bound}_by_factor`][i] ?? '0')
    }
  }

  /** Adds what another one holds. */
  include(other: UsageSums): void {
    for (const name of COUNTS) this.#counts[name] += other.#counts[name]
    for (const name of PARTS) this.#parts[name] += other.#parts[name]
    for (const [factorId, { factorSet, units }] of other.#byFactor) {
      const sums = this.#sumsOf(factorId, factorSet)
      for (const bound of BOUNDS) sums.units[bound] += units[bound]
    }
  }

  /** Full double precision; rounding is for whoever shows it. */
  toNumbers(kinshipOf: KinshipOf): Numbers {
    const count = (name: CountName): number => Number(this.#counts[name])
    const [kwh, water, co2] = QUANTITIES.map((q) => this.#range(q, kinshipOf)) as [Bounds, Bounds, Bounds]
    const onsite = this.#parts.water_l_onsite
    const use = this.#parts.co2_kg_use
    return {
      calls: count('calls'),
      tokens_in: count('tokens_in'),
      tokens_out: count('tokens_out'),
      tokens_cache_read: count('tokens_cache_read'),
      tokens_cache_write: count('tokens_cache_write'),
      tokens_reasoning: count('tokens_reasoning'),
      kwh: toNumber(kwh.central),
      kwh_low: kwh.low,
      kwh_high: kwh.high,
      water_l: toNumber(water.central),
      water_l_low: water.low,
      water_l_high: water.high,
      water_l_onsite: toNumber(onsite),
      water_l_offsite: toNumber(water.central - onsite),
      co2_kg: toNumber(co2.central),
      co2_kg_low: co2.low,
      co2_kg_high: co2.high,
      co2_kg_use: toNumber(use),
      co2_kg_embodied: toNumber(co2.central - use),
      quality: qualityOf({
        calls: count('calls'),
        measured: count('calls_measured'),
        unknown: count('calls_unknown'),
      }),
    }
  }

  #sumsOf(factorId: string, factorSet: string): FactorSums {
    const known = this.#byFactor.get(factorId)
    if (known !== undefined) return known
    const made = { factorSet, units: zeros(BOUNDS) }
    this.#byFactor.set(factorId, made)
    return made
  }

  #range(quantity: Quantity, kinshipOf: KinshipOf): Bounds {
    // In one order, whatever the order of rows: rounding must not make the same question answer differently.
    const factors = [...this.#byFactor].sort(([a], [b]) => (a < b ? -1 : 1))
    let central = 0n
    for (const [, f] of factors) central += f.units[quantity]
    const [only] = factors
    // One factor: its sums are the answer, without the rounding of the general way.
    if (factors.length === 1 && only !== undefined) {
      const { units } = only[1]
      return { central, low: toNumber(units[`${quantity}_low`]), high: toNumber(units[`${quantity}_high`]) }
    }
    const combined = combineRanges(factors.map(([id, f]) => rangeGroup(id, f, quantity, kinshipOf)))
    const exact = toNumber(central)
    // Rounding of the combination must not push a bound across the exact central value.
    return { central, low: Math.min(combined.low, exact), high: Math.max(combined.high, exact) }
  }
}

interface Bounds {
  readonly central: bigint
  readonly low: number
  readonly high: number
}

function rangeGroup(factorId: string, sums: FactorSums, quantity: Quantity, kinshipOf: KinshipOf): RangeGroup {
  const { units } = sums
  const kinship = kinshipOf(sums.factorSet, factorId)
  return {
    class: kinship.class,
    factor: kinship.model,
    range: {
      low: toNumber(units[`${quantity}_low`]),
      central: toNumber(units[quantity]),
      high: toNumber(units[`${quantity}_high`]),
    },
  }
}

function zeros<K extends string>(names: readonly K[]): Record<K, bigint> {
  return Object.fromEntries(names.map((n) => [n, 0n])) as Record<K, bigint>
}
