/** What the loader needs of a factor set. The one file that knows how @ecomind/footprint is called is footprint-models.ts. */
import type { Activity, FactorMatchKind, GridMatchKind } from '@ecomind/footprint'

/** How the calls of one (provider, model, region, service tier) are computed. */
export interface ResolvedCall {
  readonly factorId: string
  readonly factorMatch: FactorMatchKind
  readonly gridId: string
  readonly gridMatch: GridMatchKind
  /** The declared region, or the default serving region of the provider. */
  readonly region: string
  readonly regionInferred: boolean
  /** The coefficients as a stored row carries them; the same object for the same factor and grid. */
  readonly coefficients: Uint8Array
  /**
   * Writes the numbers to `out`, in the order of UNIT_NAMES of @ecomind/footprint. Pure: equal activity gives equal
   * numbers, for ever; ClickHouse computes the same from the coefficients.
   */
  readonly computeInto: (activity: Activity, out: Float64Array) => void
}

/** The factors of one organisation, or of all that have no overrides. */
export interface OrgFactors {
  /** Factor set id that the rows carry. */
  readonly factorSet: string
  /** Times at which calls begin to be resolved otherwise, ascending, epoch milliseconds. */
  readonly changesMs: readonly number[]
  /** `tsMs`: the event's own time. */
  readonly resolve: (
    provider: string,
    model: string,
    region: string | null,
    serviceTier: string | null,
    tsMs: number,
  ) => ResolvedCall
}

export interface FootprintModel {
  /** Id that an intent keeps: of the factor set, or of the snapshot of all overrides over it. */
  readonly id: string
  readonly methodVersion: string
  /** The same object for the same organisation, and one for all that have no overrides. */
  readonly factorsOf: (orgId: string) => OrgFactors
}

export interface FootprintModels {
  /** For new batches; may be another one at every look, so a batch looks once. */
  readonly running: FootprintModel
  /** For a redo under an earlier set, as it was published. Null when it never was. */
  readonly load: (id: string) => Promise<FootprintModel | null>
}
