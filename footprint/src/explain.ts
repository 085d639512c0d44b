/** One computation, step by step: formulas with their inputs, units and sources, in the shape of the API's answer. */
import type { ExplainAnswer, ExplainStep, Source as SourceAnswer } from '@ecomind/schemas'
import { compileCoefficients, computeFootprint, toUnits } from './compute.ts'
import type { Source } from './definition.ts'
import { stepsOf } from './explain-steps.ts'
import type { FactorMatch, GridMatch } from './factor.ts'
import { flag } from './flags.ts'
import type { Activity, Flag, Footprint, FootprintUnits } from './footprint.ts'
import { QUADRATIC_TOKENS_MAX } from './footprint.ts'

export type Explanation = Pick<ExplainAnswer, 'factor' | 'grid' | 'steps' | 'sources' | 'flags'> & {
  readonly footprint: Footprint
  readonly units: FootprintUnits
}

function flagsOf(match: FactorMatch, grid: GridMatch, activity: Activity): Flag[] {
  const capped =
    activity.calls === 1 && activity.tokensIn > QUADRATIC_TOKENS_MAX && match.factor.energy.form === 'tokens'
  const hidden = activity.tokensOutReasoningHidden > 0 && match.factor.hidden_reasoning_multiplier !== undefined
  const flags = [
    ...match.flags,
    ...grid.flags,
    ...(capped ? [flag('long_context_capped')] : []),
    ...(hidden && match.factor.energy.form === 'tokens' ? [flag('reasoning_hidden')] : []),
  ]
  return [...new Map(flags.map((f) => [f.code, f])).values()]
}

export function sourcesOf(steps: readonly ExplainStep[], sources: readonly Source[]): SourceAnswer[] {
  const used = new Set(steps.flatMap((s) => s.inputs.flatMap((i) => i.source_ids)))
  return sources
    .filter((s) => used.has(s.id))
    .map(({ id, title, url, year, licence }) => ({ id, title, ...(url === undefined ? {} : { url }), year, licence }))
}

/** `sources` are those of the set that the matches come from. */
export function explain(
  match: FactorMatch,
  gridMatch: GridMatch,
  activity: Activity,
  sources: readonly Source[],
): Explanation {
  const { factor } = match
  const { grid } = gridMatch
  const footprint = computeFootprint(compileCoefficients(factor, grid), activity)
  const steps = stepsOf(factor, grid, activity)
  return {
    factor: {
      id: factor.id,
      match: match.kind,
      class: factor.class,
      tier: factor.tier,
      ...(factor.note === undefined ? {} : { note: factor.note }),
    },
    grid: { id: grid.id, match: gridMatch.kind, name: grid.name, year: grid.year, basis: grid.basis },
    steps,
    sources: sourcesOf(steps, sources),
    flags: flagsOf(match, gridMatch, activity),
    footprint,
    units: toUnits(footprint),
  }
}
