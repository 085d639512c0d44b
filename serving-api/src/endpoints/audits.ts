/** `/v1/audits`: the trail of an organisation, whether it is whole, and the heads of it that were signed. */
import { z } from 'zod'
import type { AuditDesk } from '../audit/audit-desk.ts'
import { shownEntry } from '../audit/export-entries.ts'
import { listEntries } from '../audit/list-entries.ts'
import { readHeads, type SignedHead, shownHead } from '../audit/signed-heads.ts'
import { FAULT_KINDS } from '../audit/verify/fault.ts'
import { type Verification, verifyTrail } from '../audit/verify/verify-trail.ts'
import type { ApiContext } from '../context.ts'
import type { Queries } from '../database/database.ts'
import { ApiError } from '../http/api-error.ts'
import { askerRoute, orgRoute } from '../http/route.ts'
import { auditFilters, filtersOf } from '../parameters/audit-filters.ts'
import { readCursor, writeCursor } from '../parameters/cursor.ts'
import { cursor, limit, orgId } from '../parameters/shapes.ts'
import type { OrgScope } from '../scope.ts'

const TAG = 'Audit'
const LIMIT_MAX = 500
const LIMIT_DEFAULT = 100
const ERRORS = ['unauthorized', 'forbidden', 'not_found', 'database_unavailable', 'invalid_parameter'] as const
const place = z.strictObject({ seq: z.number().int().min(1) })

const detail = z.record(z.string(), z.unknown()).nullable()
const auditEntry = z.object({
  id: z.number().int(),
  org_id: z.string(),
  seq: z.number().int(),
  at: z.string(),
  actor: z.string(),
  role: z.string(),
  from: z.string().nullable(),
  action: z.string(),
  resource_type: z.string(),
  resource_id: z.string(),
  request_id: z.string(),
  outcome: z.string(),
  before: detail,
  after: detail,
  prev_hash: z.string(),
  hash: z.string(),
})
const signedHead = z.object({
  org_id: z.string(),
  day: z.string(),
  seq: z.number().int(),
  hash: z.string(),
  signed_at: z.string(),
  key_id: z.string(),
  signature: z.string(),
})

export const auditsRoute = orgRoute({
  permission: 'audits:read',
  method: 'get',
  path: '/v1/audits',
  tag: TAG,
  summary: 'The audit trail, newest first',
  description:
    'Who did what, as what, when, from where, to what, and the state before and after. Filters combine. Reads of personal data and refused attempts are told once an hour per actor, endpoint and subject, with their count.',
  query: z.strictObject({ org_id: orgId, ...auditFilters, limit: limit(LIMIT_MAX, LIMIT_DEFAULT), cursor }),
  answer: z.object({ items: z.array(auditEntry), next_cursor: z.string().optional() }),
  errors: [...ERRORS],
  handle: async (_context, scope, { query }) => {
    const after = query.cursor === undefined ? undefined : readCursor('audits', scope.orgId, place, query.cursor).seq
    const wanted = query.limit ?? LIMIT_DEFAULT
    const found = await listEntries(readingOf(scope), scope.orgId, filtersOf(query, scope.tz), {
      order: 'newest first',
      place: after,
      limit: wanted + 1,
    })
    const items = found.slice(0, wanted)
    const last = items.at(-1)
    const next =
      found.length > wanted && last !== undefined ? writeCursor('audits', scope.orgId, { seq: last.seq }) : null
    return { items: items.map(shownEntry), ...(next === null ? {} : { next_cursor: next }) }
  },
})

export const auditVerifyRoute = orgRoute({
  permission: 'audits:read',
  method: 'get',
  path: '/v1/audits/verify',
  tag: TAG,
  summary: 'Whether the audit trail is whole',
  description:
    'Recomputes every hash, link and signature. `fault` is the first one found: an entry that was changed, removed, put in or moved, a head that is not that of the chain, a chain that is not the one whose head was signed, a signature that is not ours. Entries behind `signed` could still be made anew by whoever may write to the database.',
  query: z.strictObject({ org_id: orgId }),
  answer: z.object({
    ok: z.boolean(),
    entries: z.number().int(),
    first_seq: z.number().int(),
    last_seq: z.number().int(),
    signed: signedHead.nullable(),
    signatures_checked: z.boolean(),
    fault: z
      .object({
        kind: z.enum(FAULT_KINDS),
        seq: z.number().int(),
        id: z.number().int().nullable(),
        message: z.string(),
      })
      .nullable(),
  }),
  errors: [...ERRORS],
  handle: async (context, scope) => {
    const { once, keys } = deskOf(context)
    return shownVerification(await once(scope.orgId, () => verifyTrail(readingOf(scope), scope.orgId, keys)))
  },
})

export const auditHeadsRoute = orgRoute({
  permission: 'audits:read',
  method: 'get',
  path: '/v1/audits/heads',
  tag: TAG,
  summary: 'Signed heads of the audit trail, newest first',
  description:
    'At least one per UTC day with entries: the number and hash of an entry, signed with Ed25519 over the canonical JSON (RFC 8785) of the other fields. Keep them elsewhere: a chain that was made anew does not match them.',
  query: z.strictObject({ org_id: orgId, limit: limit(LIMIT_MAX, LIMIT_DEFAULT), cursor }),
  answer: z.object({ items: z.array(signedHead), next_cursor: z.string().optional() }),
  errors: [...ERRORS],
  handle: async (_context, scope, { query }) => {
    const at = query.cursor === undefined ? undefined : readCursor('audit-heads', scope.orgId, place, query.cursor).seq
    const wanted = query.limit ?? LIMIT_DEFAULT
    const found = await readHeads(readingOf(scope), scope.orgId, wanted + 1, at)
    const items = found.slice(0, wanted)
    const last = items.at(-1)
    return {
      items: items.map(shownHead),
      ...(found.length > wanted && last !== undefined
        ? { next_cursor: writeCursor('audit-heads', scope.orgId, { seq: last.seq }) }
        : {}),
    }
  },
})

export const auditSignRoute = orgRoute({
  permission: 'audits:read',
  idempotent: 'repeatable',
  method: 'post',
  path: '/v1/audits/heads',
  tag: TAG,
  summary: 'Sign the head of the audit trail now',
  description:
    'Signs up to the last entry and answers the heads that are new; none where all is signed, or where the trail is broken, which `/v1/audits/verify` names. Without secret keys (`ECOMIND_SECRET_KEYS`) it answers `conflict`.',
  query: z.strictObject({ org_id: orgId }),
  answer: z.object({ items: z.array(signedHead) }),
  errors: [...ERRORS, 'conflict'],
  handle: async (context, scope) => {
    const signed: readonly SignedHead[] | null = await deskOf(context).signNow(scope.orgId)
    if (signed === null) throw new ApiError('conflict', 'This installation has no secret keys to sign with')
    return { items: signed.map(shownHead) }
  },
})

export const auditKeysRoute = askerRoute({
  permission: 'public',
  method: 'get',
  path: '/v1/audits/keys',
  tag: TAG,
  summary: 'Public keys that verify signed heads',
  description: 'Ed25519, as PEM, by the `key_id` of a head. The first one signs now.',
  answer: z.object({
    items: z.array(z.object({ id: z.string(), algorithm: z.literal('Ed25519'), public_key: z.string() })),
  }),
  errors: [],
  handle: async (context) => ({
    items: (context.audit?.keys?.publicKeys ?? []).map(({ id, publicKey }) => ({
      id,
      algorithm: 'Ed25519' as const,
      public_key: publicKey,
    })),
  }),
})

function shownVerification(v: Verification) {
  return {
    ok: v.fault === null,
    entries: v.entries,
    first_seq: v.firstSeq,
    last_seq: v.lastSeq,
    signed: v.signed === null ? null : shownHead(v.signed),
    signatures_checked: v.signaturesChecked,
    fault: v.fault,
  }
}

/** @throws ApiError database_unavailable */
function deskOf({ audit }: ApiContext): AuditDesk {
  if (audit === null) throw new ApiError('database_unavailable', 'This process has no control store')
  return audit
}

/** Each statement for itself: a long walk holds up nobody. */
export function readingOf(scope: OrgScope): Pick<Queries, 'query'> {
  return { query: (text, values) => scope.keep((queries) => queries.query(text, values)) }
}
