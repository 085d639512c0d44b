/**
 * What a factor set is made of, as it is written in the YAML files and stored in ClickHouse: field names are those
 * of the files. Every number that is knowledge is a quantity with its sources.
 *
 * A file may hold any subset of the sections; the set is the sum of its files (models.*.yaml, providers, classes,
 * grids ...). Fields that method 1 did not have are optional and stay absent where they are not written, so that a set
 * of method 1 that was stored keeps its checksum and its numbers:
 *   set       supersedes, changelog
 *   top level hidden_reasoning_multiplier, tier_multipliers {batch, flex}: for all classes that have none of their own
 *   class     purpose, hidden_reasoning_multiplier, tier_multipliers
 *   model     reasoning, architecture {params_total_b, params_active_b}, evidence {method, sources, pedigree, ...}
 *   provider, grid   market {g_per_kwh_market, instrument, year}
 */
import { z } from 'zod'
import { tokenEnergy } from './definition-energy.ts'
import {
  cloudFleet,
  cloudRegions,
  cloudSite,
  gridObservation,
  gridRow,
  gridWater,
  resolvedGrid,
} from './definition-grids.ts'
import { model, modelClass, modelEnergy } from './definition-models.ts'
import {
  id,
  market,
  multiplier,
  name,
  pue,
  quantity,
  sourceIds,
  tierMultipliers,
  WUE_BASES,
} from './definition-values.ts'

export type { CallEnergy, TokenEnergy } from './definition-energy.ts'
export type { CloudFleet, CloudRegions, CloudSite, Grid, GridRow, Site } from './definition-grids.ts'
export type { Model, ModelClass, ModelEnergy, Reasoning } from './definition-models.ts'
export {
  type Market,
  type Quantity,
  SERVICE_TIERS,
  type ServiceTier,
  type TierMultipliers,
} from './definition-values.ts'

const METHOD_VERSIONS = ['1', '2'] as const

const source = z.strictObject({
  id,
  title: name,
  url: z.url().optional(),
  year: z.number().int().min(1990).max(2100),
  licence: name,
  /** Data under a share-alike licence may be cited only in files that carry the same licence. */
  share_alike: z.boolean().default(false),
  note: z.string().optional(),
})

const provider = z.strictObject({
  id,
  name,
  aliases: z.array(z.string()).default([]),
  /** Grid of its usual serving region; used, and flagged, when an event names none. */
  default_grid: z.string(),
  default_grid_sources: sourceIds,
  pue,
  wue_onsite_l_per_kwh_it: quantity,
  wue_basis: z.enum(WUE_BASES),
  embodied_g_per_kwh_it: quantity,
  market: market.optional(),
  note: z.string().optional(),
})

const setHead = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  version: z.string().regex(/^[0-9][0-9A-Za-z.-]*$/),
  method_version: z.enum(METHOD_VERSIONS),
  released_at: z.iso.date(),
  /** GWP100 set of the figures: AR5, AR6. */
  gwp: z.string(),
  /** Version of the same name that this one replaces for new events. */
  supersedes: z
    .string()
    .regex(/^[0-9][0-9A-Za-z.-]*$/)
    .optional(),
  /** What changed and why, one sentence a change. */
  changelog: z.array(z.string().min(1)).optional(),
  note: z.string().optional(),
})

/** One file; a set is the sum of its files, exactly one of which has the head. */
export const factorFile = z.strictObject({
  licence: name,
  set: setHead.optional(),
  k_gpu_to_it: quantity.optional(),
  hidden_reasoning_multiplier: multiplier.optional(),
  tier_multipliers: tierMultipliers.optional(),
  sources: z.array(source).default([]),
  providers: z.array(provider).default([]),
  classes: z.array(modelClass).default([]),
  unknown_model: tokenEnergy.optional(),
  models: z.array(model).default([]),
  model_energies: z.array(modelEnergy).default([]),
  grids: z.array(gridRow).default([]),
  grid_observations: z.array(gridObservation).default([]),
  grid_water: z.array(gridWater).default([]),
  cloud_regions: z.array(cloudRegions).default([]),
  cloud_sites: z.array(cloudSite).default([]),
  cloud_fleets: z.array(cloudFleet).default([]),
})
export type FactorFile = z.output<typeof factorFile>
export type Source = z.output<typeof source>
export type Provider = z.output<typeof provider>

/** The whole content of a set, all files together; the checksum is taken over this and it is what is stored. */
export const definition = z.strictObject({
  head: setHead,
  k_gpu_to_it: quantity,
  unknown_model: tokenEnergy,
  hidden_reasoning_multiplier: multiplier.optional(),
  tier_multipliers: tierMultipliers.optional(),
  /** Licence of every file, in ascending order of name. */
  files: z.array(z.strictObject({ name, licence: name })).optional(),
  sources: z.array(source),
  providers: z.array(provider),
  classes: z.array(modelClass),
  models: z.array(model),
  grids: z.array(resolvedGrid),
})
export type Definition = z.output<typeof definition>
