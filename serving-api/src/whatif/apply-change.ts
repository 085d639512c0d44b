/** What a change makes of work: another factor, another grid, another share of cached input, in the same factor set. */
import type { Activity, Factor, FactorMatchKind, Flag, Grid, GridMatchKind } from '@ecomind/footprint'
import { OTHER_PROVIDER, resolveCall, WORLD } from '@ecomind/footprint'
import type { Change } from '@ecomind/schemas'
import { invalidParameter } from '../http/api-error.ts'
import type { PlacedWork } from '../work/ask-work.ts'

export type WorkChange = Omit<Change, 'period'>

/** Where work goes, and how sure the names of the change were understood. `same`: it stayed. */
export interface Target {
  readonly factor: Factor
  readonly factorMatch: FactorMatchKind | 'same'
  readonly grid: Grid
  readonly gridMatch: GridMatchKind | 'same'
  readonly flags: readonly Flag[]
}

/** `openai/gpt-4o+batch` without its tier. */
const standardId = (factor: Factor): string =>
  factor.service_tier === undefined ? factor.id : factor.id.slice(0, -factor.service_tier.length - 1)

type FactorTarget = Pick<Target, 'factor' | 'factorMatch'> & { readonly flags: readonly Flag[] }

function namedFactor(work: PlacedWork, change: WorkChange, tier: string): FactorTarget {
  const provider = change.provider ?? work.factor.provider
  const model = change.model ?? work.model
  const call = { provider, model, region: work.region, serviceTier: tier, tsMs: work.lastMs }
  const { factor, kind, flags } = resolveCall(work.set, call).factor
  if (change.provider !== undefined && isUnknownProvider(work, change.provider))
    throw invalidParameter('change.provider', `no provider "${change.provider}" is in ${work.set.id}`)
  if (kind === 'unknown') {
    const field = change.model === undefined ? 'change.provider' : 'change.model'
    throw invalidParameter(field, `nothing is known about a model "${model}"`)
  }
  if (factor.unlisted_host === true) {
    const hint =
      change.provider === undefined ? 'name the provider that should serve it' : 'choose another or change the model'
    throw invalidParameter('change.provider', `"${provider}" is not known to serve "${model}"; ${hint}`)
  }
  return { factor, factorMatch: kind, flags }
}

/** Every known provider has guesses of its own; the fallback of an unknown one says `other`. */
function isUnknownProvider(work: PlacedWork, provider: string): boolean {
  return (
    provider.toLowerCase() !== OTHER_PROVIDER &&
    work.set.resolveFactor(provider, 'a name that nobody gave to a model').factor.provider === OTHER_PROVIDER
  )
}

function targetFactor(work: PlacedWork, change: WorkChange): FactorTarget {
  const tier = change.service_tier ?? work.factor.service_tier ?? 'standard'
  if (change.model !== undefined || change.provider !== undefined) return namedFactor(work, change, tier)
  if (change.service_tier === undefined) return { factor: work.factor, factorMatch: 'same', flags: [] }
  const standard = work.set.factorById(standardId(work.factor)) ?? work.factor
  const factor = work.set.factorById(`${standard.id}+${tier}`) ?? standard
  return { factor, factorMatch: factor === work.factor ? 'same' : 'exact', flags: [] }
}

function targetGrid(
  work: PlacedWork,
  change: WorkChange,
): Pick<Target, 'grid' | 'gridMatch'> & { flags: readonly Flag[] } {
  if (change.grid !== undefined) {
    const grid = work.set.gridById(change.grid)
    if (grid === undefined) throw invalidParameter('change.grid', `no grid "${change.grid}" is in ${work.set.id}`)
    return { grid, gridMatch: 'exact', flags: [] }
  }
  if (change.region === undefined) return { grid: work.grid, gridMatch: 'same', flags: [] }
  const { grid, kind, flags } = work.set.resolveGrid(change.region, work.provider)
  if (kind === 'world' && change.region.toUpperCase() !== WORLD)
    throw invalidParameter('change.region', `nothing is known about a region "${change.region}"`)
  return { grid, gridMatch: kind, flags }
}

/** @throws ApiError invalid_parameter naming the field of the change that the factor set cannot follow */
export function targetOf(work: PlacedWork, change: WorkChange): Target {
  const { flags: factorFlags, ...factor } = targetFactor(work, change)
  const { flags: gridFlags, ...grid } = targetGrid(work, change)
  return { ...factor, ...grid, flags: [...factorFlags, ...gridFlags] }
}

/** This share of all input read from a cache; what was written to one stays as far as there is room for it. */
export function changedActivity(activity: Activity, change: WorkChange): Activity {
  if (change.cache_read_share === undefined) return activity
  const tokensCacheRead = Math.round(activity.tokensIn * change.cache_read_share)
  return {
    ...activity,
    tokensCacheRead,
    tokensCacheWrite: Math.min(activity.tokensCacheWrite, activity.tokensIn - tokensCacheRead),
  }
}
