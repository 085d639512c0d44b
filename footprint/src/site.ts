/**
 * A factor at the site of a grid. The PUE and the on-site water of a provider are averages of its fleet; where the
 * region of a cloud is known, those of the region stand in their place, whoever sells the model. Idempotent, and the
 * factor itself on a grid without a site, so that nothing changes for plain grids.
 */
import type { Grid } from './definition.ts'
import type { Factor } from './factor.ts'

export const atSite = (factor: Factor, { site }: Grid): Factor =>
  site === undefined ? factor : { ...factor, pue: site.pue, wue_onsite_l_per_kwh_it: site.wue_onsite_l_per_kwh_it }
