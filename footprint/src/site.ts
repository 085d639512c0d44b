/**
 * A factor at the site of a grid. The PUE and the on-site water of a provider are averages of its fleet; where the
 * region of a cloud is known, those of the region stand in their place, whoever sells the model. What an organisation
 * states about its own site stays. Idempotent, and the factor itself on a grid without a site, so that nothing changes
 * for plain grids.
 */
import type { Grid } from './definition.ts'
import type { Factor } from './factor.ts'

export function atSite(factor: Factor, { site }: Grid): Factor {
  if (site === undefined) return factor
  const stated = new Set(factor.site_stated)
  return {
    ...factor,
    pue: stated.has('pue') ? factor.pue : site.pue,
    wue_onsite_l_per_kwh_it: stated.has('wue_onsite_l_per_kwh_it')
      ? factor.wue_onsite_l_per_kwh_it
      : site.wue_onsite_l_per_kwh_it,
  }
}
