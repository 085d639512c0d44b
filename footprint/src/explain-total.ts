/**
 * The explanation of a total. Each group (one factor on one grid) unfolds into the steps of one computation over its
 * sums of tokens; the total is then made from the stored sums of the groups, because those are what the answers show:
 * every event was rounded to 1e-12 when it was stored, so the sums differ from the computation by up to half of that a
 * call. `agrees` tells that they differ by no more. Ranges are combined as everywhere, see combine-ranges.ts.
 */
import type { ExplainStep, Source as SourceAnswer } from '@ecomind/schemas'
import type { Source } from './definition.ts'
import { type Explanation, explain, sourcesOf } from './explain.ts'
import { explainStep } from './explain-step.ts'
import type { FactorSet } from './factor.ts'
import type { Activity, FactorMatchKind, Flag, GridMatchKind, Range } from './footprint.ts'
import { resultsOf } from './recompute.ts'
import { factorFlags } from './resolve-factor.ts'
import { gridFlags } from './resolve-grid.ts'
import { totalFormula } from './total-formula.ts'

/** Sums of stored numbers over the calls of a group, in kWh, litres and kg CO2e. */
export interface StoredSums {
  readonly kwh: Range
  readonly waterL: Range
  readonly co2Kg: Range
}

export interface TotalGroup {
  /** The set that the group was computed with; its ids are looked up in it. */
  readonly set: FactorSet
  readonly factorId: string
  readonly gridId: string
  /** How the calls were matched, where it is known. Default exact. */
  readonly factorMatch?: FactorMatchKind
  readonly gridMatch?: GridMatchKind
  readonly activity: Activity
  readonly stored: StoredSums
}

export interface ExplainedGroup extends Pick<Explanation, 'factor' | 'grid' | 'steps' | 'flags' | 'footprint'> {
  /** `g1`, `g2`, ... in the order given; `g1_kwh` is the name of its stored kWh in the steps of the total. */
  readonly id: string
  readonly factorSet: string
  /** The same at every host: groups of one model share their error. */
  readonly model: string
  readonly activity: Activity
  readonly stored: StoredSums
  readonly agrees: boolean
}

export interface TotalExplanation {
  readonly groups: readonly ExplainedGroup[]
  /** `kwh`, `water_l` and `co2_kg`. */
  readonly steps: readonly ExplainStep[]
  readonly sources: readonly SourceAnswer[]
  readonly flags: readonly Flag[]
  readonly total: StoredSums
}

const TOTALS = [
  ['kwh', 'kwh', 'Electricity of all groups', 'kWh'],
  ['waterL', 'water_l', 'Water of all groups', 'L'],
  ['co2Kg', 'co2_kg', 'CO2e of all groups', 'kg CO2e'],
] as const satisfies readonly (readonly [keyof StoredSums, string, string, string])[]

const UNIT_HALF = 0.5e-12
/** Of a sum of doubles over many products, relative. */
const ROUNDING_RELATIVE = 1e-9

function agrees(computed: Range, stored: Range, calls: number): boolean {
  const near = (a: number, b: number): boolean =>
    Math.abs(a - b) <= calls * UNIT_HALF + ROUNDING_RELATIVE * Math.max(a, b)
  return near(computed.low, stored.low) && near(computed.central, stored.central) && near(computed.high, stored.high)
}

function explainGroup(group: TotalGroup, index: number): ExplainedGroup {
  const { set, factorId, gridId, factorMatch = 'exact', gridMatch = 'exact', activity, stored } = group
  const factor = set.factorById(factorId)
  const grid = set.gridById(gridId)
  if (factor === undefined || grid === undefined)
    throw new RangeError(`Explain a total: ${factorId} on ${gridId} is not in ${set.id}`)
  const inferred = gridMatch === 'inferred'
  const match = { factor, kind: factorMatch, flags: factorFlags(factor, factorMatch) }
  const on = { grid, kind: gridMatch, region: gridId, inferred, flags: gridFlags(grid, gridMatch, inferred) }
  const explained = explain(match, on, activity, [])
  return {
    id: `g${index + 1}`,
    factorSet: set.id,
    model: factor.model,
    factor: explained.factor,
    grid: explained.grid,
    steps: explained.steps,
    flags: explained.flags,
    footprint: explained.footprint,
    activity,
    stored,
    agrees: TOTALS.every(([quantity]) => agrees(explained.footprint[quantity], stored[quantity], activity.calls)),
  }
}

function totalStep(
  groups: readonly ExplainedGroup[],
  [quantity, id, label, unit]: (typeof TOTALS)[number],
): ExplainStep {
  const nameOf = (g: ExplainedGroup): string => `${g.id}_${id}`
  const inputs = groups.map((g) => ({ name: nameOf(g), unit, value: g.stored[quantity], sourceIds: [] }))
  const members = groups.map((g) => ({ name: nameOf(g), class: g.factor.class, model: g.model }))
  return explainStep(id, label, totalFormula(members), unit, inputs)
}

const uniqueBy = <T>(values: readonly T[], key: (value: T) => string): T[] => [
  ...new Map(values.map((v) => [key(v), v])).values(),
]

/** Throws a RangeError when a set does not know the factor or the grid of its group. No groups: 0. */
export function explainTotal(groups: readonly TotalGroup[]): TotalExplanation {
  const explained = groups.map(explainGroup)
  const steps = TOTALS.map((row) => totalStep(explained, row))
  const cited: Source[] = uniqueBy(
    groups.flatMap((g) => [...g.set.sources]),
    (s) => s.id,
  )
  return {
    groups: explained,
    steps,
    sources: sourcesOf(
      explained.flatMap((g) => g.steps),
      cited,
    ),
    flags: uniqueBy(
      explained.flatMap((g) => g.flags),
      (f) => f.code,
    ),
    total: recomputeTotal(steps),
  }
}

/** From the steps of the total alone. Throws a RangeError if one is missing. */
export function recomputeTotal(steps: readonly ExplainStep[]): StoredSums {
  const results = resultsOf(steps)
  const resultOf = (id: string): Range => {
    const result = results.get(id)
    if (result === undefined) throw new RangeError(`Recompute a total: no step "${id}"`)
    return result
  }
  return { kwh: resultOf('kwh'), waterL: resultOf('water_l'), co2Kg: resultOf('co2_kg') }
}
