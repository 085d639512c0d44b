/**
 * One entry of the audit trail, and the hash that ties it to the one before: SHA-256 over the canonical JSON (RFC 8785)
 * of everything the entry says. docs/audit.md shows the form for those who want to check it with a program of their own.
 */
import { createHash } from 'node:crypto'
import canonicalizeModule from 'canonicalize'

/** The package is CommonJS and its types speak of an ES module: what is imported is the function itself. */
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined

export type AuditDetail = Readonly<Record<string, unknown>> | null

/** What is hashed. Times are whole milliseconds; `before` and `after` are as the database gives them back. */
export interface AuditContent {
  readonly orgId: string
  /** 1, 2, 3 ... of one organisation. */
  readonly seq: number
  readonly at: Date
  readonly actor: string
  readonly role: string
  readonly from: string | null
  readonly action: string
  readonly resourceType: string
  readonly resourceId: string
  readonly requestId: string
  readonly before: AuditDetail
  readonly after: AuditDetail
  readonly outcome: string
  /** Hash of the entry before. */
  readonly prevHash: string
}

export interface AuditEntry extends AuditContent {
  /** Order of all entries of the installation; with gaps. */
  readonly id: number
  readonly hash: string
}

/** In place of a hash before the first entry. */
export const NO_HASH = '0'.repeat(64)

/** As answers, exports and the hash have it. */
export function auditFields(entry: AuditContent) {
  return {
    org_id: entry.orgId,
    seq: entry.seq,
    at: entry.at.toISOString(),
    actor: entry.actor,
    role: entry.role,
    from: entry.from,
    action: entry.action,
    resource_type: entry.resourceType,
    resource_id: entry.resourceId,
    request_id: entry.requestId,
    outcome: entry.outcome,
    before: entry.before,
    after: entry.after,
    prev_hash: entry.prevHash,
  }
}

/** Lower-case hex. */
export function hashOf(entry: AuditContent): string {
  return createHash('sha256')
    .update(canonicalJson(auditFields(entry)))
    .digest('hex')
}

/** RFC 8785: names in order, no spaces, numbers as ECMAScript writes them. */
export function canonicalJson(value: object): string {
  const text = canonicalize(value)
  if (text === undefined) throw new TypeError('write canonical JSON: the value has none')
  return text
}
