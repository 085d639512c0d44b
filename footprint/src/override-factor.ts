/**
 * A factor of the set with the organisation's figures in it. Energy, and PUE and on-site water where they are stated,
 * are the organisation's; class, hardware, hidden reasoning and the saving of a service tier stay those of the set.
 */
import type { Quantity, Source, TokenEnergy } from './definition.ts'
import type { Factor } from './factor.ts'
import type { Range } from './footprint.ts'
import type { FactorOverride } from './override.ts'

const PREFIX = 'override/'
const WH_PER_KWH = 1000
const NOTHING: Range = { low: 0, central: 0, high: 0 }

/** `override/<override id>/<version>/<id of the factor of the set it stands for>`. */
export const overrideFactorId = (override: FactorOverride, factor: Factor): string =>
  `${PREFIX}${override.id}/${override.version}/${factor.id}`

/** The parts of such an id; undefined for any other. */
export function splitOverrideId(
  id: string,
): { readonly id: string; readonly version: number; readonly factorId: string } | undefined {
  const parts = /^override\/([^/]+)\/(\d+)\/(.+)$/.exec(id)
  const [, overrideId = '', version = '', factorId = ''] = parts ?? []
  return parts === null ? undefined : { id: overrideId, version: Number(version), factorId }
}

const sourceId = (o: FactorOverride): string => `override:${o.id}:${o.version}`

export const overrideSource = (o: FactorOverride): Source => ({
  id: sourceId(o),
  title: o.evidence.text,
  ...(o.evidence.url === undefined ? {} : { url: o.evidence.url }),
  year: o.evidence.year,
  licence: 'stated by the organisation',
  share_alike: false,
})

export function overrideFactor(factor: Factor, override: FactorOverride): Factor {
  const stated = (range: Range): Quantity => ({ ...range, sources: [sourceId(override)] })
  const { pue, wue_onsite_l_per_kwh_it: wue } = override
  const siteStated = [
    ...(pue === undefined ? [] : (['pue'] as const)),
    ...(wue === undefined ? [] : (['wue_onsite_l_per_kwh_it'] as const)),
  ]
  return {
    ...factor,
    id: overrideFactorId(override, factor),
    name: `${factor.name}, as the organisation states it`,
    tier: override.tier,
    // The size of the model no longer matters: nothing is derived from it.
    disclosed: true,
    energy: energyOf(override, stated),
    ...(pue === undefined ? {} : { pue: stated(pue) }),
    ...(wue === undefined ? {} : { wue_onsite_l_per_kwh_it: stated(wue) }),
    ...(siteStated.length === 0 ? {} : { site_stated: siteStated }),
    note: `Override ${override.id}, version ${override.version}, in place of ${factor.id}.`,
  }
}

/** A figure per call is a base that no token adds to, so that site and grid apply to it as to any other. */
function energyOf({ energy }: FactorOverride, stated: (range: Range) => Quantity): TokenEnergy {
  if (energy.form === 'tokens') {
    const { wh_per_1k_in: fresh } = energy
    return {
      form: 'tokens',
      boundary: energy.boundary,
      base_wh: stated(energy.base_wh),
      wh_per_1k_in: stated(fresh),
      wh_per_1k_cache_read: stated(energy.wh_per_1k_cache_read ?? fresh),
      wh_per_1k_cache_write: stated(energy.wh_per_1k_cache_write ?? fresh),
      wh_per_1k_out: stated(energy.wh_per_1k_out),
      wh_per_1k_in_squared: stated(energy.wh_per_1k_in_squared ?? NOTHING),
    }
  }
  const { low, central, high } = energy.kwh_per_call
  const none = stated(NOTHING)
  return {
    form: 'tokens',
    boundary: energy.boundary,
    base_wh: stated({ low: low * WH_PER_KWH, central: central * WH_PER_KWH, high: high * WH_PER_KWH }),
    wh_per_1k_in: none,
    wh_per_1k_cache_read: none,
    wh_per_1k_cache_write: none,
    wh_per_1k_out: none,
    wh_per_1k_in_squared: none,
  }
}
