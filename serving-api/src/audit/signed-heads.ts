/** Heads of chains that were signed: what of the trail can't be made anew without the installation's secret keys. */
import type { Queries } from '../database/database.ts'
import { canonicalJson } from './entry.ts'
import type { HeadKeys } from './head-keys.ts'

export interface SignedHead {
  readonly orgId: string
  /** UTC, such as 2026-05-01. */
  readonly day: string
  readonly seq: number
  readonly hash: string
  readonly signedAt: Date
  readonly keyId: string
  /** Base64. */
  readonly signature: string
}

/** As answers and log lines have it. */
export function shownHead(head: SignedHead) {
  return { ...signedFields(head), signature: head.signature }
}

type Unsigned = Omit<SignedHead, 'signature'>

const signedFields = ({ orgId, day, seq, hash, signedAt, keyId }: Unsigned) => ({
  org_id: orgId,
  day,
  seq,
  hash,
  signed_at: signedAt.toISOString(),
  key_id: keyId,
})

/** What is signed: canonical JSON of all fields but the signature. */
export const signedText = (head: Unsigned): string => canonicalJson(signedFields(head))

export function signHead(keys: HeadKeys, head: Omit<Unsigned, 'keyId'>): SignedHead {
  const unsigned = { ...head, keyId: keys.activeId }
  return { ...unsigned, signature: keys.sign(signedText(unsigned)) }
}

interface Row {
  readonly org_id: string
  readonly day: string
  readonly seq: number
  readonly hash: string
  readonly signed_at: Date
  readonly key_id: string
  readonly signature: string
}

const COLUMNS = "org_id, to_char(day, 'YYYY-MM-DD') AS day, seq, hash, signed_at, key_id, signature"

/** Newest first. `before`: only those of a smaller number. */
export async function readHeads(
  queries: Pick<Queries, 'query'>,
  orgId: string,
  limit: number,
  before = Number.MAX_SAFE_INTEGER,
): Promise<readonly SignedHead[]> {
  const rows = await queries.query<Row>(
    `SELECT ${COLUMNS} FROM ecomind.audit_checkpoints WHERE org_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3`,
    [orgId, before, limit],
  )
  return rows.map((r) => ({
    orgId: r.org_id,
    day: r.day,
    seq: r.seq,
    hash: r.hash,
    signedAt: r.signed_at,
    keyId: r.key_id,
    signature: r.signature,
  }))
}

/** False: another process was faster. */
export async function insertHead(queries: Queries, head: SignedHead): Promise<boolean> {
  const rows = await queries.query(
    `INSERT INTO ecomind.audit_checkpoints (org_id, day, seq, hash, signed_at, key_id, signature)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (org_id, seq) DO NOTHING RETURNING seq`,
    [head.orgId, head.day, head.seq, head.hash, head.signedAt, head.keyId, head.signature],
  )
  return rows.length > 0
}
