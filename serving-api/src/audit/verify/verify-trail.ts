/** Recomputes the whole trail of one organisation: every entry, every link, its end, and every head that was signed. */
import type { Queries } from '../../database/database.ts'
import { NO_HASH } from '../entry.ts'
import type { HeadKeys } from '../head-keys.ts'
import { REMOVED_OLD } from '../remove-old.ts'
import { readHeads, type SignedHead, signedText } from '../signed-heads.ts'
import { missing, named } from './check-link.ts'
import type { AuditFault, Place } from './fault.ts'
import { type Walk, walkChain } from './walk-chain.ts'

export interface Verification {
  readonly orgId: string
  readonly entries: number
  /** First number that is kept, and last one that was checked; both 0 in an empty trail. */
  readonly firstSeq: number
  readonly lastSeq: number
  /** Newest signed head; what is behind it could be made anew by whoever may write to the database. */
  readonly signed: SignedHead | null
  /** False: there were no secret keys at hand. */
  readonly signaturesChecked: boolean
  readonly fault: AuditFault | null
}

interface HeadRow {
  readonly seq: number | null
  readonly hash: string | null
  readonly cut_seq: number
  readonly cut_hash: string
  readonly last_seq: number
  readonly last_id: number
  /** An entry that stands where none can: without a number, or before those that were removed. */
  readonly stray_id: number | null
}

const HEAD = `SELECT h.seq, h.hash, coalesce(h.cut_seq, 0) AS cut_seq, coalesce(h.cut_hash, $2) AS cut_hash,
    coalesce((SELECT max(e.seq) FROM ecomind.audit_entries e WHERE e.org_id = $1), 0) AS last_seq,
    coalesce((SELECT max(e.id) FROM ecomind.audit_entries e WHERE e.org_id = $1), 0) AS last_id,
    (SELECT min(e.id) FROM ecomind.audit_entries e
      WHERE e.org_id = $1 AND (e.seq IS NULL OR e.seq <= coalesce(h.cut_seq, 0))) AS stray_id
  FROM (VALUES (1)) AS one LEFT JOIN ecomind.audit_heads h ON h.org_id = $1`

/** As many heads as a century of days has. */
const HEADS_MAX = 40_000
/** Removals of old entries, which may run beside, move the beginning. */
const TRIES_MAX = 5

/**
 * `published`: signed heads that were kept outside of the database, such as in a log.
 * @throws DatabaseError
 */
export async function verifyTrail(
  queries: Pick<Queries, 'query'>,
  orgId: string,
  keys: HeadKeys | null,
  published: readonly SignedHead[] = [],
): Promise<Verification> {
  for (let tries = 1; ; tries++) {
    const start = await readHead(queries, orgId)
    const verification = await verifyFrom(queries, orgId, start, keys, published)
    if (verification.fault === null || tries === TRIES_MAX) return verification
    if ((await readHead(queries, orgId)).cut_seq === start.cut_seq) return verification
  }
}

async function verifyFrom(
  queries: Pick<Queries, 'query'>,
  orgId: string,
  start: HeadRow,
  keys: HeadKeys | null,
  published: readonly SignedHead[],
): Promise<Verification> {
  const kept = await readHeads(queries, orgId, HEADS_MAX)
  const heads = [...kept, ...published.filter((h) => h.orgId === orgId)]
  const cut: Place = { seq: start.cut_seq, hash: start.cut_hash, id: 0 }
  const check = placeCheck(heads)
  const walk = await walkChain(queries, orgId, cut, undefined, check)
  const fault =
    faultOfSignatures(heads, keys) ??
    check(cut) ??
    walk.fault ??
    (await faultOfEnd(queries, orgId, walk, heads)) ??
    (await faultOfCut(queries, orgId, cut))
  return {
    orgId,
    entries: walk.entries,
    firstSeq: walk.entries === 0 ? 0 : cut.seq + 1,
    lastSeq: walk.last.seq,
    signed: kept[0] ?? null,
    signaturesChecked: keys !== null,
    fault,
  }
}

async function readHead(queries: Pick<Queries, 'query'>, orgId: string): Promise<HeadRow> {
  const [row] = await queries.query<HeadRow>(HEAD, [orgId, NO_HASH])
  if (row === undefined) throw new Error('read the head of a trail: the database gave no row')
  return row
}

/** Whether the chain, where it passes a signed head, is the one that was signed. */
function placeCheck(heads: readonly SignedHead[]): (place: Place) => AuditFault | null {
  const bySeq = new Map<number, readonly SignedHead[]>()
  for (const head of heads) bySeq.set(head.seq, [...(bySeq.get(head.seq) ?? []), head])
  let matched = 0
  return ({ seq, hash, id }) => {
    const wrong = bySeq.get(seq)?.find((h) => h.hash !== hash)
    if (wrong === undefined) {
      if (bySeq.has(seq)) matched = seq
      return null
    }
    const message = `the trail is not the one whose head was signed for ${wrong.day}: one of the entries ${matched + 1} to ${seq} was changed, and the chain was made anew`
    return { kind: 'signed_head', seq, id: id === 0 ? null : id, message: `Entry ${seq}: ${message}` }
  }
}

function faultOfSignatures(heads: readonly SignedHead[], keys: HeadKeys | null): AuditFault | null {
  if (keys === null) return null
  for (const head of heads.toSorted((a, b) => a.seq - b.seq)) {
    const isSigned = keys.isSignedBy(head.keyId, signedText(head), head.signature)
    if (isSigned === true) continue
    const why =
      isSigned === null
        ? `its key ${JSON.stringify(head.keyId)} is not among the secret keys`
        : 'its signature is not of this installation'
    return {
      kind: 'signature',
      seq: head.seq,
      id: null,
      message: `Signed head of ${head.day}, entry ${head.seq}: ${why}`,
    }
  }
  return null
}

async function faultOfEnd(
  queries: Pick<Queries, 'query'>,
  orgId: string,
  { last }: Walk,
  heads: readonly SignedHead[],
): Promise<AuditFault | null> {
  const head = await readHead(queries, orgId)
  const signed = Math.max(0, ...heads.map((h) => h.seq))
  if (head.stray_id !== null)
    return {
      kind: 'inserted',
      seq: 0,
      id: head.stray_id,
      message: `Entry with id ${head.stray_id}: it is no part of the chain`,
    }
  const there = Math.max(head.last_seq, head.cut_seq)
  if (there < signed) return missing(there + 1, signed)
  if (head.seq === null) {
    if (head.last_seq === 0) return null
    return { kind: 'head', seq: last.seq, id: null, message: 'The head of the chain is missing' }
  }
  if (there < head.seq) return missing(there + 1, head.seq)
  if (head.last_seq > head.seq)
    return named('inserted', { seq: head.seq + 1, id: head.last_id }, 'it is behind the head of the chain')
  if (head.last_seq === last.seq && head.hash !== last.hash)
    return {
      kind: 'head',
      seq: last.seq,
      id: last.id,
      message: `Entry ${last.seq}: the head of the chain has another hash`,
    }
  return null
}

/** What is no longer there must have gone by the removal of old entries, which leaves an entry. */
async function faultOfCut(queries: Pick<Queries, 'query'>, orgId: string, cut: Place): Promise<AuditFault | null> {
  if (cut.seq === 0) return null
  const said = await queries.query(
    `SELECT 1 FROM ecomind.audit_entries WHERE org_id = $1 AND resource_type = $2 AND action = $3 AND seq > $4
       AND after->>'through_seq' = $5 AND after->>'through_hash' = $6 LIMIT 1`,
    [orgId, REMOVED_OLD.resourceType, REMOVED_OLD.action, cut.seq, String(cut.seq), cut.hash],
  )
  if (said.length > 0) return null
  const message = `Entries up to ${cut.seq} are missing, and no entry says that their time was over`
  return { kind: 'removed', seq: cut.seq, id: null, message }
}
