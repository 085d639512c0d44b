/**
 * An erasure of one person from an organisation's usage.
 *
 *   waiting  the loader has not passed yet what was in the log when it was asked for
 *   moving   rows of the person are given to another id, or removed; can be cut off anywhere and goes on
 *   done     no row is the person's; the certificate says what was done
 *
 * waiting -> moving -> done. There is no way back, and no failed: what fails is tried again.
 */

export const ERASURE_MODES = ['pseudonymise', 'delete'] as const
export type ErasureMode = (typeof ERASURE_MODES)[number]

/** Rows by table; `quarantine` are rows whose bytes hold the person's id, `accounts` people whose events these are. */
export type RowCounts = Readonly<Record<string, number>>

export interface Erasure {
  readonly orgId: string
  readonly id: string
  readonly mode: ErasureMode
  readonly state: 'waiting' | 'moving' | 'done'
  /** Null once it is done, like `target` and `mark`. */
  readonly userId: string | null
  /** Id that the rows get; empty: nobody's. */
  readonly target: string | null
  readonly mark: string | null
  readonly salt: string
  /** Hex of SHA-256 over salt and user id. */
  readonly userHash: string
  readonly requestedBy: string
  readonly requestId: string
  readonly requestedAt: Date
  readonly logEnds: LogEnds
  readonly found: RowCounts
  readonly error: string | null
  readonly certificate: ErasureCertificate | null
  readonly finishedAt: Date | null
}

/** Where the log ended at some moment. */
export interface LogEnds {
  readonly generation: number
  /** Next offset by partition. */
  readonly offsets: Readonly<Record<string, number>>
}

/** Field names are those of the API. */
export interface ErasureCertificate {
  readonly id: string
  readonly org_id: string
  readonly mode: ErasureMode
  /** Whoever knows the id can check that it was this one; nobody else learns it. */
  readonly person: { readonly salt: string; readonly sha256: string }
  readonly requested_by: string
  readonly requested_at: string
  readonly finished_at: string
  readonly version: string
  readonly factor_set: string
  /** Rows of the person when it was asked for, and when it was done. */
  readonly rows_before: RowCounts
  readonly rows_after: RowCounts
  /** What was asked of the database in the end, each answered with 0. */
  readonly verification: readonly { readonly question: string; readonly rows: number }[]
  /** Sums of all calls of the organisation, the same before and after. */
  readonly totals: OrganisationTotals
  /** What can't be erased at once, and until when. */
  readonly remains: readonly string[]
}

export interface OrganisationTotals {
  readonly calls: string
  readonly tokens_in: string
  readonly tokens_out: string
  readonly kwh: string
  readonly water_l: string
  readonly co2_kg: string
}
