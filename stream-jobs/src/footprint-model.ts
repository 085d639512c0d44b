/** What the loader needs of a factor set. The one file that knows how @ecomind/footprint is called is footprint-models.ts. */
import type { Activity, FactorMatchKind, FootprintUnits, GridMatchKind } from '@ecomind/footprint'

/** How the calls of one (provider, model, region) are computed. */
export interface ResolvedCall {
  readonly factorId: string
  readonly factorMatch: FactorMatchKind
  readonly gridId: string
  readonly gridMatch: GridMatchKind
  /** The declared region, or the default serving region of the provider. */
  readonly region: string
  readonly regionInferred: boolean
  /** Pure: equal activity gives equal units, for ever. */
  readonly compute: (activity: Activity) => FootprintUnits
}

export interface FootprintModel {
  /** Factor set id. */
  readonly id: string
  readonly methodVersion: string
  readonly resolve: (provider: string, model: string, region: string | null) => ResolvedCall
}

export interface FootprintModels {
  /** For new batches. */
  readonly running: FootprintModel
  /** For a redo under an earlier set, as it was published. Null when it never was. */
  readonly load: (id: string) => Promise<FootprintModel | null>
}
