/** Grids, what other sources say about them, and the regions of clouds on them. */
import { z } from 'zod'
import { finite, id, market, name, pue, quantity, WUE_BASES } from './definition-values.ts'

const gridBasis = z.enum(['lifecycle-consumption', 'lifecycle-production', 'direct-production'])
export const gridRow = z.strictObject({
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
export const gridObservation = z.strictObject({
  grid: z.string(),
  g_per_kwh: finite.positive(),
  year: z.number().int(),
  basis: gridBasis,
  source: z.string(),
  note: z.string().optional(),
})
/** Water of power plants per kWh; a grid without one takes that of the nearest grid around it. */
export const gridWater = z.strictObject({
  grid: z.string(),
  water_offsite_l_per_kwh: quantity,
  note: z.string().optional(),
})
const CLOUDS = ['aws', 'gcp', 'azure'] as const
const cloudRegion = z.string().regex(/^[a-z0-9-]+$/, 'must be lower-case letters, digits and dashes')

/** Each region becomes a grid of its own, `<cloud>:<region>`, with the electricity and water of `grid` around it. */
export const cloudRegions = z.strictObject({
  cloud: z.enum(CLOUDS),
  grid: z.string(),
  regions: z.array(cloudRegion).min(1),
  /** Grids that other sources place these regions on: the range is widened until it holds their central values. */
  also: z.array(z.string()).default([]),
  source: z.string(),
  note: z.string().optional(),
})
/** What the operator publishes for one region. What is missing is taken from its fleet, and flagged. */
export const cloudSite = z.strictObject({
  cloud: z.enum(CLOUDS),
  region: cloudRegion,
  pue: pue.optional(),
  wue_onsite_l_per_kwh_it: quantity.optional(),
  market: market.optional(),
  note: z.string().optional(),
})
/** All data centres of an operator together. */
export const cloudFleet = z.strictObject({
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
export const resolvedGrid = z.strictObject({
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
