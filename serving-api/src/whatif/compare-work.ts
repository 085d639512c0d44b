/** Baseline, scenario and difference of work under a change. */
import { addActivities, type ComparedRanges, compareRanges, type Flag, type Move, type Work } from '@ecomind/footprint'
import type { FootprintRanges, WhatifMove } from '@ecomind/schemas'
import type { PlacedWork } from '../work/ask-work.ts'
import { byFactorAndGrid } from '../work/by-factor-and-grid.ts'
import { changedActivity, type Target, targetOf, type WorkChange } from './apply-change.ts'

export interface ComparedWork {
  readonly baseline: FootprintRanges
  readonly scenario: FootprintRanges
  readonly difference: FootprintRanges
  readonly co2_change_share: number | null
  readonly calls: number
  readonly moves: readonly WhatifMove[]
  readonly flags: readonly Flag[]
}

interface Pair {
  readonly from: Work | null
  readonly to: Work | null
  readonly factorSet: string
  readonly target: Target | null
}

export const toRanges = ({ kwh, waterL, co2Kg }: ComparedRanges): FootprintRanges => ({
  kwh,
  water_l: waterL,
  co2_kg: co2Kg,
})

const addedUp = (a: Work, b: Work): Work => ({ ...a, activity: addActivities(a.activity, b.activity) })

/** Work of one factor and grid that goes to one target is one pair, however many models and regions named it. */
function merged(pairs: readonly Pair[]): readonly Pair[] {
  const byKey = new Map<string, Pair>()
  const idsOf = (work: Work | null): string => (work === null ? '' : `${work.factor.id} ${work.grid.id}`)
  for (const pair of pairs) {
    const key = [pair.factorSet, idsOf(pair.from), idsOf(pair.to)].join('\n')
    const before = byKey.get(key)
    byKey.set(
      key,
      before === undefined
        ? pair
        : {
            ...before,
            from: before.from === null || pair.from === null ? before.from : addedUp(before.from, pair.from),
            to: before.to === null || pair.to === null ? before.to : addedUp(before.to, pair.to),
          },
    )
  }
  return [...byKey.values()]
}

function moveOf({ from, to, factorSet, target }: Pair, difference: ComparedRanges | undefined): WhatifMove {
  return {
    calls: (from ?? to)?.activity.calls ?? 0,
    from: from === null ? null : { factor_set: factorSet, factor_id: from.factor.id, grid_id: from.grid.id },
    to:
      to === null || target === null
        ? null
        : {
            factor_id: to.factor.id,
            factor_match: target.factorMatch,
            grid_id: to.grid.id,
            grid_match: target.gridMatch,
          },
    difference_co2_kg: difference?.co2Kg ?? { low: 0, central: 0, high: 0 },
  }
}

function compared(pairs: readonly Pair[], flags: readonly Flag[]): ComparedWork {
  const moves = merged(pairs)
  const { baseline, scenario, difference, moves: each } = compareRanges(moves satisfies readonly Move[])
  const before = baseline.co2Kg.central
  return {
    baseline: toRanges(baseline),
    scenario: toRanges(scenario),
    difference: toRanges(difference),
    co2_change_share: before === 0 ? null : difference.co2Kg.central / before,
    calls: moves.reduce((sum, m) => sum + (m.from?.activity.calls ?? 0), 0),
    moves: moves
      .map((move, i) => moveOf(move, each[i]))
      .sort((a, b) => Math.abs(b.difference_co2_kg.central) - Math.abs(a.difference_co2_kg.central)),
    flags: [...new Map(flags.map((f) => [f.code, f])).values()],
  }
}

/** The same calls before and after. @throws ApiError invalid_parameter for a change that cannot be followed */
export function compareWork(placed: readonly PlacedWork[], change: WorkChange): ComparedWork {
  const targets = placed.map((work) => targetOf(work, change))
  const pairs = placed.map((work, i): Pair => {
    const target = targets[i] ?? null
    const to = target === null ? null : { ...target, activity: changedActivity(work.activity, change) }
    return { from: work, to, factorSet: work.set.id, target }
  })
  return compared(
    pairs,
    targets.flatMap((t) => t.flags),
  )
}

/** The work of one period and, under the change, that of another: pairs are what uses the same factor and grid. */
export function comparePeriods(
  before: readonly PlacedWork[],
  after: readonly PlacedWork[],
  change: WorkChange,
): ComparedWork {
  const earlier = byFactorAndGrid(before)
  const flags: Flag[] = []
  const pairs: Pair[] = []
  for (const [place, work] of byFactorAndGrid(after)) {
    const target = targetOf(work, change)
    flags.push(...target.flags)
    const to = { ...target, activity: changedActivity(work.activity, change) }
    pairs.push({ from: earlier.get(place) ?? null, to, factorSet: work.set.id, target })
    earlier.delete(place)
  }
  for (const from of earlier.values()) pairs.push({ from, to: null, factorSet: from.set.id, target: null })
  return compared(pairs, flags)
}
