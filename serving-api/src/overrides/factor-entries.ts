/** Overrides and factors as the API shows them. */
import { type Factor, type FactorSet, isOverridden } from '@ecomind/footprint'
import type { FactorItem, OverrideItem } from '@ecomind/schemas'
import type { StoredOverride } from './override-store.ts'

const isoOf = (ms: number): string => new Date(ms).toISOString()

/** @param running set of new events of the organisation */
export function overrideEntry(stored: StoredOverride, running: FactorSet): OverrideItem {
  const { valid_from_ms, valid_to_ms, ...override } = stored.override
  const applied =
    isOverridden(running) && running.overrides.some((o) => o.id === override.id && o.version === override.version)
  return {
    kind: 'override',
    ...override,
    valid_from: isoOf(valid_from_ms),
    valid_to: valid_to_ms === null ? null : isoOf(valid_to_ms),
    created_by: stored.createdBy,
    created_at: stored.createdAt.toISOString(),
    factor_set: applied ? running.id : null,
  }
}

function citedBy(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap(citedBy)
  const own = 'sources' in value && Array.isArray(value.sources) ? value.sources : []
  return [...own, ...Object.values(value).flatMap(citedBy)]
}

export function factorEntry(factor: Factor, set: FactorSet): FactorItem {
  const cited = new Set(citedBy(factor))
  const { id, provider, model, name, disclosed, energy, reasoning, note } = factor
  return {
    kind: 'factor',
    id,
    provider,
    model,
    name,
    class: factor.class,
    tier: factor.tier as FactorItem['tier'],
    disclosed,
    energy,
    pue: factor.pue,
    wue_onsite_l_per_kwh_it: factor.wue_onsite_l_per_kwh_it,
    embodied_g_per_kwh_it: factor.embodied_g_per_kwh_it,
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(note === undefined ? {} : { note }),
    factor_set: set.id,
    sources: set.sources
      .filter((s) => cited.has(s.id))
      .map(({ id: sourceId, title, url, year, licence }) => ({
        id: sourceId,
        title,
        ...(url === undefined ? {} : { url }),
        year,
        licence,
      })),
  }
}
