/**
 * The range of a difference. Per pair of works (the same calls before and after a change):
 *
 *   shared  how far the difference moves when only the figures that both sides share are at their ends, both together
 *   own     what a side's full distance has beyond its distance with the shared figures alone: sqrt(full^2 - shared^2)
 *
 * Own distances of all pairs are combined per side by the rule of combine-ranges.ts, the shared effects likewise, and
 * the three are independent:
 *
 *   up   = sqrt(own_scenario_up^2 + own_baseline_down^2 + shared_up^2)
 *   down = sqrt(own_scenario_down^2 + own_baseline_up^2 + shared_down^2)
 *
 * and never more than if the two sides had nothing in common. So a change of nothing differs by exactly 0, a swap of
 * the sides turns the range around, and the difference from nothing is the range of the other side itself.
 */
import { combineRanges, type RangeGroup } from './combine-ranges.ts'
import { compileCoefficients, computeFootprint } from './compute.ts'
import type { Grid } from './definition.ts'
import type { Factor } from './factor.ts'
import type { Activity, Footprint, Range } from './footprint.ts'
import { sharedFactor, sharedGrid } from './shared-knowledge.ts'
import { atSite } from './site.ts'

/** Sums of calls on one factor and grid. */
export interface Work {
  readonly factor: Factor
  readonly grid: Grid
  readonly activity: Activity
}

/** Null: there is nothing on that side. */
export interface Move {
  readonly from: Work | null
  readonly to: Work | null
}

export const COMPARED = ['kwh', 'waterL', 'co2Kg'] as const
export type ComparedRanges = Readonly<Record<(typeof COMPARED)[number], Range>>

export interface Comparison {
  readonly baseline: ComparedRanges
  readonly scenario: ComparedRanges
  /** Scenario minus baseline: negative where the change saves. */
  readonly difference: ComparedRanges
  /** The difference of each move by itself, in their order. */
  readonly moves: readonly ComparedRanges[]
}

interface Side {
  readonly factor: Factor
  readonly full: Footprint
  /** With ranges only in what the other side shares. */
  readonly shared: Footprint
}

interface Sides {
  readonly from: Side | null
  readonly to: Side | null
}

/** Distances from the central value; 0 or more. */
interface Distances {
  readonly down: number
  readonly up: number
}

const footprintOf = ({ factor, grid, activity }: Work): Footprint =>
  computeFootprint(compileCoefficients(factor, grid), activity)

function sideOf(work: Work | null, other: Work | null): Side | null {
  if (work === null) return null
  const { factor, grid, activity } = work
  const full = footprintOf(work)
  if (other !== null && other.factor === factor && other.grid === grid) return { factor, full, shared: full }
  // With nothing on the other side nothing is shared, which a distance of 0 says.
  const shared =
    other === null
      ? withoutRanges(full)
      : computeFootprint(
          compileCoefficients(
            sharedFactor(atSite(factor, grid), atSite(other.factor, other.grid)),
            sharedGrid(grid, other.grid),
          ),
          activity,
        )
  return { factor, full, shared }
}

const withoutRanges = (footprint: Footprint): Footprint =>
  Object.fromEntries(
    Object.entries(footprint).map(([name, r]: [string, Range]) => [
      name,
      { low: r.central, central: r.central, high: r.central },
    ]),
  ) as unknown as Footprint

const NOTHING: Range = { low: 0, central: 0, high: 0 }
const beyond = (full: number, shared: number): number => Math.sqrt(Math.max(0, full * full - shared * shared))

function ownDistances(full: Range, shared: Range): Distances {
  return {
    down: beyond(full.central - full.low, shared.central - shared.low),
    up: beyond(full.high - full.central, shared.high - shared.central),
  }
}

function sharedEffect(from: Range, to: Range): Distances {
  const central = to.central - from.central
  const atHigh = to.high - from.high - central
  const atLow = to.low - from.low - central
  return { down: Math.max(0, -atHigh, -atLow), up: Math.max(0, atHigh, atLow) }
}

interface Deviation extends Distances {
  readonly class: string
  readonly factor: string
}

/** The rule of combine-ranges.ts for distances on their own. */
function combined(deviations: readonly Deviation[]): Distances {
  const distance = (name: keyof Distances): number =>
    combineRanges(
      deviations.map((d) => ({ class: d.class, factor: d.factor, range: { low: 0, central: 0, high: d[name] } })),
    ).high
  return { down: distance('down'), up: distance('up') }
}

const together = (...parts: readonly number[]): number => Math.sqrt(parts.reduce((sum, p) => sum + p * p, 0))
const pairName = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`)

function groupsOf(sides: readonly (Side | null)[], quantity: keyof ComparedRanges): RangeGroup[] {
  return sides
    .filter((s) => s !== null)
    .map(({ factor, full }) => ({ class: factor.class, factor: factor.model, range: full[quantity] }))
}

function ownOf(sides: readonly (Side | null)[], quantity: keyof ComparedRanges): Distances {
  const deviations = sides
    .filter((s) => s !== null)
    .map(({ factor, full, shared }) => ({
      class: factor.class,
      factor: factor.model,
      ...ownDistances(full[quantity], shared[quantity]),
    }))
  return combined(deviations)
}

function sharedOf(pairs: readonly Sides[], quantity: keyof ComparedRanges): Distances {
  const deviations = pairs.flatMap(({ from, to }) =>
    from === null || to === null
      ? []
      : [
          {
            class: pairName(from.factor.class, to.factor.class),
            factor: pairName(from.factor.model, to.factor.model),
            ...sharedEffect(from.shared[quantity], to.shared[quantity]),
          },
        ],
  )
  return combined(deviations)
}

function differenceOf(
  pairs: readonly Sides[],
  quantity: keyof ComparedRanges,
  baseline: Range,
  scenario: Range,
): Range {
  const before = ownOf(
    pairs.map((p) => p.from),
    quantity,
  )
  const after = ownOf(
    pairs.map((p) => p.to),
    quantity,
  )
  const shared = sharedOf(pairs, quantity)
  const central = scenario.central - baseline.central
  const apart = {
    down: together(scenario.central - scenario.low, baseline.high - baseline.central),
    up: together(scenario.high - scenario.central, baseline.central - baseline.low),
  }
  return {
    low: central - Math.min(apart.down, together(after.down, before.up, shared.down)),
    central,
    high: central + Math.min(apart.up, together(after.up, before.down, shared.up)),
  }
}

const rangesOf = (make: (quantity: keyof ComparedRanges) => Range): ComparedRanges => ({
  kwh: make('kwh'),
  waterL: make('waterL'),
  co2Kg: make('co2Kg'),
})

function compareSides(pairs: readonly Sides[]): Omit<Comparison, 'moves'> {
  const totals = (side: keyof Sides): ComparedRanges =>
    rangesOf((quantity) => {
      const groups = groupsOf(
        pairs.map((p) => p[side]),
        quantity,
      )
      return groups.length === 0 ? NOTHING : combineRanges(groups)
    })
  const baseline = totals('from')
  const scenario = totals('to')
  const difference = rangesOf((q) => differenceOf(pairs, q, baseline[q], scenario[q]))
  return { baseline, scenario, difference }
}

/** No moves: all zeros. */
export function compareRanges(moves: readonly Move[]): Comparison {
  const pairs = moves.map(({ from, to }) => ({ from: sideOf(from, to), to: sideOf(to, from) }))
  return { ...compareSides(pairs), moves: pairs.map((pair) => compareSides([pair]).difference) }
}
