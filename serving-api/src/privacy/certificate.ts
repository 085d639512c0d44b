/** The document that says what an erasure did. It names the person by a salted hash only, and the new id not at all. */
import type { Moved } from './erase-person.ts'
import type { Erasure, ErasureCertificate } from './erasure.ts'

export interface CertificateFacts {
  readonly moved: Moved
  /** Of new calls of the organisation at that moment; the reported numbers keep the set they were computed with. */
  readonly factorSet: string
  readonly version: string
  readonly finishedAt: Date
  readonly logKeptDays: number
  readonly idsKeptDays: number
}

export function certificateOf(erasure: Erasure, facts: CertificateFacts): ErasureCertificate {
  const { moved, finishedAt } = facts
  const after = { ...moved.after, accounts: 0 }
  return {
    id: erasure.id,
    org_id: erasure.orgId,
    mode: erasure.mode,
    person: { salt: erasure.salt, sha256: erasure.userHash },
    requested_by: erasure.requestedBy,
    requested_at: erasure.requestedAt.toISOString(),
    finished_at: finishedAt.toISOString(),
    version: facts.version,
    factor_set: facts.factorSet,
    rows_before: erasure.found,
    rows_after: after,
    verification: Object.entries(after).map(([table, rows]) => ({ question: questionOf(table), rows })),
    totals: moved.totals,
    remains: remainsOf(erasure, facts),
  }
}

function questionOf(table: string): string {
  if (table === 'quarantine') return 'rows of quarantine whose bytes hold the user id'
  if (table === 'accounts') return 'accounts that name the user id as theirs'
  return `SELECT count() FROM ecomind.${table} WHERE org_id = <organisation> AND user_id = <person>`
}

function remainsOf({ mode }: Erasure, { finishedAt, logKeptDays, idsKeptDays }: CertificateFacts): readonly string[] {
  const until = (days: number): string => new Date(finishedAt.getTime() + days * 86_400_000).toISOString().slice(0, 10)
  return [
    `the log keeps records as they arrived until ${until(logKeptDays)}`,
    mode === 'delete'
      ? `ids of events that arrived lately are kept, without anything else of them, until ${until(idsKeptDays)} so that a repeated event is not counted`
      : `events that arrived lately keep their event ids, so that a repeated event is not counted`,
    'the account of the person, if there is one, which is deleted under /v1/users',
    'audit entries for their retention: those about the account, and those that say who read the usage of this user id',
    'backups made before, and what was exported before',
  ]
}
