/** What a call is matched with: the factor of a model at a provider, and the grid it was served from. */
import type {
  CallEnergy,
  Grid,
  Market,
  Quantity,
  Reasoning,
  ServiceTier,
  Source,
  TierMultipliers,
  TokenEnergy,
} from './definition.ts'
import type { FactorMatchKind, Flag, GridMatchKind } from './footprint.ts'

/** A model at a provider, complete: nothing else but a grid is needed to compute with it. */
export interface Factor {
  /** `<provider>/<model>`, `<provider>/class-<class>` or `<provider>/unknown`, with `+<tier>` for a tier; unique in its set. */
  readonly id: string
  readonly provider: string
  /** The part of the id behind the provider; the same at every provider. */
  readonly model: string
  readonly name: string
  readonly class: string
  readonly tier: string
  /** The maker has published the size of the model. */
  readonly disclosed: boolean
  /** The provider is not known to serve the model. */
  readonly unlisted_host?: true
  readonly energy: TokenEnergy | CallEnergy
  readonly k_gpu_to_it: Quantity
  readonly pue: Quantity
  readonly wue_onsite_l_per_kwh_it: Quantity
  readonly embodied_g_per_kwh_it: Quantity
  /** Absent, as in method 1: hidden reasoning is not counted. */
  readonly reasoning?: Reasoning
  /** There whenever `reasoning` is `always` or `optional`. */
  readonly hidden_reasoning_multiplier?: Quantity
  /** Of a factor of the standard tier: what its variants are made with. */
  readonly tier_multipliers?: TierMultipliers
  /** Absent: the standard tier. */
  readonly service_tier?: ServiceTier
  /** There with `service_tier`: energy over that of the standard tier. */
  readonly tier_multiplier?: Quantity
  /** Contractual figure of the provider's electricity. */
  readonly market?: Market
  /** Of an override: figures that the organisation states for its own site, which that of a grid does not replace. */
  readonly site_stated?: readonly ('pue' | 'wue_onsite_l_per_kwh_it')[]
  readonly note?: string
}

export interface FactorMatch {
  readonly factor: Factor
  readonly kind: FactorMatchKind
  readonly flags: readonly Flag[]
}

export interface GridMatch {
  readonly grid: Grid
  readonly kind: GridMatchKind
  /** What to store as the region: as declared, or the code of the inferred grid. */
  readonly region: string
  readonly inferred: boolean
  readonly flags: readonly Flag[]
}

/** One version of all factors and grids: never changes, so that a number can be computed again years later. */
export interface FactorSet {
  /** `<name>@<version>`. */
  readonly id: string
  readonly methodVersion: string
  /** SHA-256 (hex) over the whole content, whatever the order of files. */
  readonly checksum: string
  /**
   * Of the standard tier: models at the providers known to serve them, and guesses. `factorById` knows any model at any
   * provider, and the variants `<id>+batch` and `<id>+flex`.
   */
  readonly factors: readonly Factor[]
  readonly grids: readonly Grid[]
  readonly sources: readonly Source[]
  /** Never throws, whatever the names: an unknown model gets a wide range and a flag. */
  /** `serviceTier`: `batch` and `flex` in any case give a variant of the factor, any other the standard one. */
  resolveFactor(provider: string, model: string, serviceTier?: string | null): FactorMatch
  /** Null or empty: the default serving region of the provider. Never throws; an unknown region is the world. */
  resolveGrid(region: string | null, provider: string): GridMatch
  factorById(id: string): Factor | undefined
  gridById(id: string): Grid | undefined
}
