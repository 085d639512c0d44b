/** Variants of a factor for service tiers: the same model on machines that wait for work less. */
import type { ServiceTier } from './definition.ts'
import { SERVICE_TIERS } from './definition.ts'
import type { Factor } from './factor.ts'

/** `Batch` is batch; null for every tier without a figure of its own, which is computed as the standard one. */
export function serviceTierOf(name: string | null | undefined): ServiceTier | null {
  if (name === null || name === undefined || name === '') return null
  const lower = name.trim().toLowerCase()
  return SERVICE_TIERS.find((tier) => tier === lower) ?? null
}

/** Undefined if the set has no figure for the tier. `standard` is a factor of the standard tier. */
export function tierVariant(standard: Factor, tier: ServiceTier): Factor | undefined {
  const multiplier = standard.tier_multipliers?.[tier]
  if (multiplier === undefined) return undefined
  const { tier_multipliers: _all, ...facts } = standard
  return {
    ...facts,
    id: `${standard.id}+${tier}`,
    name: `${standard.name}, ${tier} tier`,
    service_tier: tier,
    tier_multiplier: multiplier,
  }
}

/** `openai/gpt-4o+batch` in its two parts; undefined for an id without a tier. */
export function splitTierId(id: string): { readonly standardId: string; readonly tier: ServiceTier } | undefined {
  const tier = SERVICE_TIERS.find((t) => id.endsWith(`+${t}`))
  return tier === undefined ? undefined : { standardId: id.slice(0, -tier.length - 1), tier }
}
