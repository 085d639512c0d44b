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

const METHOD_VERSIONS = ['1', '2'] as const

const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:~-]*$/, 'must be letters, digits and . _ : ~ -')
const name = z.string().min(1).max(400)
const sourceIds = z.array(z.string()).min(1, 'needs at least one source id')
const finite = z.number().min(0, 'must be 0 or more')

/** `{value, sources}` is short for a number that is exact by definition. */
const expandValue = (q: unknown): unknown => {
  if (typeof q !== 'object' || q === null || !('value' in q)) return q
  const { value, ...rest } = q
  return { low: value, central: value, high: value, ...rest }
}
/** Written as {low, central, high, sources} or as {value, sources}. */
const quantity = z
  .preprocess(expandValue, z.strictObject({ low: finite, central: finite, high: finite, sources: sourceIds }))
  .refine((q) => q.low <= q.central, { error: 'low must not exceed central' })
  .refine((q) => q.central <= q.high, { error: 'central must not exceed high' })
  .refine((q) => q.central > 0 || q.high === 0, { error: 'a central of 0 needs a high of 0' })
export type Quantity = z.output<typeof quantity>

/** On-site water figures count what evaporates or all that is drawn: not to be compared with each other. */
const WUE_BASES = ['consumption', 'withdrawal', 'mixed'] as const

const pue = quantity.refine((q) => q.low >= 1, { error: 'low must be 1 or more: PUE is facility over IT energy' })

/** 1 or more: how many times the energy of the visible output a call takes when the model reasons unseen. */
const multiplier = quantity
  .refine((q) => q.low >= 1, { error: 'low must be 1 or more: reasoning only adds to the visible output' })
  .refine((q) => q.central > 1 || q.high === 1, { error: 'a central of 1 needs a high of 1' })

export const SERVICE_TIERS = ['batch', 'flex'] as const
export type ServiceTier = (typeof SERVICE_TIERS)[number]
/** Energy of a call of the tier over that of a standard one. */
const tierMultipliers = z.strictObject({ batch: quantity.optional(), flex: quantity.optional() })

/** Contractual figure, for the market-based number that stands beside the location-based total. */
const market = z.strictObject({
  /** g CO2e per kWh after certificates and contracts; 0 is allowed here. */
  g_per_kwh_market: quantity,
  /** What the figure rests on: certificates, power purchase agreement, residual mix, supplier's figure ... */
  instrument: name,
  year: z.number().int().min(1990).max(2100),
  note: z.string().optional(),
})
export type TierMultipliers = z.output<typeof tierMultipliers>
export type Market = z.output<typeof market>

const BOUNDARIES = ['gpu', 'it', 'facility'] as const
const tokenEnergyFields = z.strictObject({
  form: z.literal('tokens'),
  /** What the Wh below were measured on; PUE and the GPU-to-IT factor are applied only where they are missing. */
  boundary: z.enum(BOUNDARIES),
  base_wh: quantity,
  wh_per_1k_in: quantity,
  wh_per_1k_cache_read: quantity,
  wh_per_1k_cache_write: quantity,
  wh_per_1k_out: quantity,
  wh_per_1k_in_squared: quantity,
})
const BANDS = ['low', 'central', 'high'] as const
const tokenEnergy = tokenEnergyFields.refine(
  (e) => BANDS.every((band) => e.wh_per_1k_cache_read[band] <= e.wh_per_1k_in[band]),
  { path: ['wh_per_1k_cache_read'], error: 'must not exceed wh_per_1k_in: a cached token saves work' },
)
const callEnergy = z.strictObject({
  form: z.literal('call'),
  /** IT energy of one call; kWh = kwh_per_call x PUE. */
  kwh_per_call: quantity,
  /** Instead of the PUE of the provider. */
  pue: pue.optional(),
  /** Per kWh at the meter. */
  water_l_per_kwh: quantity,
  /** Share of the water that is on-site; absent: not split, all of it counts as on-site. */
  water_onsite_share: z.number().min(0).max(1).optional(),
  /** Absent: the grid's figure. */
  co2_kg_per_kwh: quantity.optional(),
})
export type TokenEnergy = z.output<typeof tokenEnergy>
export type CallEnergy = z.output<typeof callEnergy>

const TIERS = ['A', 'B', 'C', 'D', 'E'] as const
const tier = z
  .enum(TIERS)
  .describe(
    'A disclosed by the provider, B measured, C modelled from a disclosed size, D from a guess of it, E a guess',
  )

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

/** What a class is for; a guess by name ranges over classes of the same purpose only. */
const PURPOSES = ['text', 'embedding', 'image', 'audio'] as const

const modelClass = z.strictObject({
  id,
  name,
  /** Order of size; a guess by name spans the neighbours. Absent for classes of another purpose (embedding). */
  rank: z.number().int().optional(),
  /** A name that states up to so many billion parameters is guessed to be of this class. */
  params_b_max: z.number().positive().optional(),
  /** Words of a model name, in lower case, that suggest this class; the first class of the file that matches wins. */
  words: z.array(z.string().regex(/^[a-z0-9]+$/)).default([]),
  /** Absent: text if it has a rank. For images `energy.base_wh` is that of one request, its tokens are mostly free. */
  purpose: z.enum(PURPOSES).optional(),
  energy: tokenEnergy,
  hidden_reasoning_multiplier: multiplier.optional(),
  tier_multipliers: tierMultipliers.optional(),
  note: z.string().optional(),
})

const REASONING = ['never', 'optional', 'always'] as const
export type Reasoning = (typeof REASONING)[number]

const architecture = z.strictObject({
  /** Billions of parameters. */
  params_total_b: quantity.optional(),
  /** Billions used for one token; less than the total in a mixture of experts. */
  params_active_b: quantity.optional(),
})

const grade = z.number().int().min(1).max(5)
/** What the tier of a model rests on. */
const evidence = z.strictObject({
  method: z.enum(['measured', 'disclosed', 'modelled', 'proxy', 'expert']),
  sources: sourceIds,
  /** Pedigree matrix, 1 best to 5 worst. */
  pedigree: z
    .strictObject({ reliability: grade, completeness: grade, time: grade, geography: grade, technology: grade })
    .optional(),
  /** Which tokens the figure was measured on. */
  tokens_basis: name.optional(),
  note: z.string().optional(),
  /** The day on which somebody should look again. */
  review_due: z.iso.date().optional(),
})

const glob = z
  .string()
  .regex(/^[^*]*[a-z0-9][^*]*(\*[^*]*)*$|^\*.*[a-z0-9].*$/, 'must be lower case with * as wildcard')
const model = z.strictObject({
  id,
  name,
  vendor: z.string(),
  class: z.string(),
  tier,
  disclosed: z.boolean().describe('the maker has published the size'),
  /** Providers that serve it; each gets a factor of its own, all others share the one of the provider `other`. */
  served_by: z.array(z.string()).min(1),
  aliases: z.array(z.string()).default([]),
  patterns: z.array(z.strictObject({ glob, priority: z.number().int().min(0).max(1000) })).default([]),
  /** Absent: the energy of its class. */
  energy: z.discriminatedUnion('form', [tokenEnergy, callEnergy]).optional(),
  /** Absent: never. `always` and `optional` matter where only visible text was counted. */
  reasoning: z.enum(REASONING).optional(),
  architecture: architecture.optional(),
  evidence: evidence.optional(),
  note: z.string().optional(),
})

/** For models whose energy is measured or fitted apart from what is known of their names and makers. */
const modelEnergy = z.strictObject({
  model: z.string(),
  /** Instead of the tier in the record of the model. */
  tier,
  energy: tokenEnergy,
  evidence: evidence.optional(),
})
export type ModelEnergy = z.output<typeof modelEnergy>

const gridBasis = z.enum(['lifecycle-consumption', 'lifecycle-production', 'direct-production'])
const gridRow = z.strictObject({
  id,
  name,
  parent: z.string().nullable(),
  year: z.number().int().min(1990).max(2100),
  basis: gridBasis,
  g_per_kwh: quantity,
  aliases: z
    .strictObject({
      em_zone: z.array(z.string()).default([]),
      watttime: z.array(z.string()).default([]),
      egrid: z.array(z.string()).default([]),
      iso3: z.array(z.string()).default([]),
      names: z.array(z.string()).default([]),
    })
    .prefault({}),
  market: market.optional(),
  note: z.string().optional(),
})

/** Another source's figure for a grid: the range of the grid is widened until it holds it. */
const gridObservation = z.strictObject({
  grid: z.string(),
  g_per_kwh: finite.positive(),
  year: z.number().int(),
  basis: gridBasis,
  source: z.string(),
  note: z.string().optional(),
})
/** Water of power plants per kWh; a grid without one takes that of the nearest grid around it. */
const gridWater = z.strictObject({ grid: z.string(), water_offsite_l_per_kwh: quantity, note: z.string().optional() })
const CLOUDS = ['aws', 'gcp', 'azure'] as const
const cloudRegion = z.string().regex(/^[a-z0-9-]+$/, 'must be lower-case letters, digits and dashes')

/** Each region becomes a grid of its own, `<cloud>:<region>`, with the electricity and water of `grid` around it. */
const cloudRegions = z.strictObject({
  cloud: z.enum(CLOUDS),
  grid: z.string(),
  regions: z.array(cloudRegion).min(1),
  /** Grids that other sources place these regions on: the range is widened until it holds their central values. */
  also: z.array(z.string()).default([]),
  source: z.string(),
  note: z.string().optional(),
})
/** What the operator publishes for one region. What is missing is taken from its fleet, and flagged. */
const cloudSite = z.strictObject({
  cloud: z.enum(CLOUDS),
  region: cloudRegion,
  pue: pue.optional(),
  wue_onsite_l_per_kwh_it: quantity.optional(),
  market: market.optional(),
  note: z.string().optional(),
})
/** All data centres of an operator together. */
const cloudFleet = z.strictObject({
  cloud: z.enum(CLOUDS),
  name,
  pue,
  wue_onsite_l_per_kwh_it: quantity,
  wue_basis: z.enum(WUE_BASES),
  market: market.optional(),
  note: z.string().optional(),
})
export type CloudRegions = z.output<typeof cloudRegions>
export type CloudSite = z.output<typeof cloudSite>
export type CloudFleet = z.output<typeof cloudFleet>

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
export type ModelClass = z.output<typeof modelClass>
export type Model = z.output<typeof model>
export type GridRow = z.output<typeof gridRow>

const KNOWN_OF = ['site', 'fleet'] as const
/** The data centres behind a region of a cloud: goes before the fleet figures of the provider. */
const site = z.strictObject({
  cloud: z.enum(CLOUDS),
  pue,
  /** `fleet`: the operator publishes none for this region. */
  pue_of: z.enum(KNOWN_OF),
  wue_onsite_l_per_kwh_it: quantity,
  wue_of: z.enum(KNOWN_OF),
  wue_basis: z.enum(WUE_BASES),
})
export type Site = z.output<typeof site>

/** A grid with everything the files say about it: widened by the observations, with water and all its names. */
const resolvedGrid = z.strictObject({
  id,
  name,
  parent: z.string().nullable(),
  year: z.number().int(),
  basis: gridBasis,
  g_per_kwh: quantity,
  water_offsite_l_per_kwh: quantity,
  /** The grid around it whose water that is; absent: its own, or a set of method 1. */
  water_of: z.string().optional(),
  /** Of a region of a cloud. */
  site: site.optional(),
  /** Lower case: zones, balancing areas, cloud regions, ISO codes and names that mean this grid. */
  aliases: z.array(z.string()),
  market: market.optional(),
  note: z.string().optional(),
})
export type Grid = z.output<typeof resolvedGrid>

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
