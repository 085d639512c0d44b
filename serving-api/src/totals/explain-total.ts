/** The explanation of a total in the shape of the API, from work with its records. */
import { explainTotal, recomputeTotal, type StoredSums, type TotalGroup } from '@ecomind/footprint'
import type { ExplainedGroupAnswer, TotalExplanationAnswer } from '@ecomind/schemas'
import type { PlacedWork } from '../work/ask-work.ts'

const UNIT_HALF = 0.5e-12

const toSums = ({ kwh, waterL, co2Kg }: StoredSums): TotalExplanationAnswer['total'] => ({
  kwh: { ...kwh },
  water_l: { ...waterL },
  co2_kg: { ...co2Kg },
})

const toGroup = ({ set, factor, grid, activity, stored }: PlacedWork): TotalGroup => ({
  set,
  factorId: factor.id,
  gridId: grid.id,
  activity,
  stored,
})

type Explained = Pick<TotalExplanationAnswer, 'total' | 'steps' | 'groups' | 'sources' | 'flags' | 'reproduced'>

/** `work`: one per factor set, factor and grid. */
export function explainWork(work: readonly PlacedWork[]): Explained {
  const sorted = [...work].sort((a, b) => b.stored.co2Kg.central - a.stored.co2Kg.central)
  const { groups, steps, sources, flags, total } = explainTotal(sorted.map(toGroup))
  const again = toSums(recomputeTotal(steps))
  return {
    total: toSums(total),
    steps: [...steps],
    sources: [...sources],
    flags: [...flags],
    reproduced: groups.every((g) => g.agrees) && JSON.stringify(again) === JSON.stringify(toSums(total)),
    groups: groups.map((g, i): ExplainedGroupAnswer => {
      const { match: _factorMatch, ...factor } = g.factor
      const { match: _gridMatch, ...grid } = g.grid
      return {
        id: g.id,
        factor_set: g.factorSet,
        method_version: sorted[i]?.set.methodVersion ?? '',
        factor,
        grid,
        activity: {
          calls: g.activity.calls,
          tokens_in: g.activity.tokensIn,
          tokens_in_squared: g.activity.tokensInSquared,
          tokens_cache_read: g.activity.tokensCacheRead,
          tokens_cache_write: g.activity.tokensCacheWrite,
          tokens_out: g.activity.tokensOut,
          tokens_reasoning_separate: g.activity.tokensReasoningSeparate,
          tokens_out_reasoning_hidden: g.activity.tokensOutReasoningHidden,
        },
        steps: [...g.steps],
        computed: toSums(g.footprint),
        stored: toSums(g.stored),
        rounding_bound: g.activity.calls * UNIT_HALF,
        agrees: g.agrees,
        flags: [...g.flags],
      }
    }),
  }
}
