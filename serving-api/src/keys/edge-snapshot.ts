/** The keys as edges take them: signed, and numbered by the revision that every change of keys raises. */
import { type KeyRing, type KeySnapshot, signKeySnapshot } from '@ecomind/schemas/keys'
import type { Queries } from '../database/database.ts'

/** Changes with the keys and with the secret key that signs them. */
export async function snapshotTag(queries: Queries, ring: KeyRing): Promise<string> {
  return `"${await readRevision(queries)}-${ring.activeId}"`
}

/**
 * The revision is read first: a change that comes between is in the snapshot under a number that is too low, and comes
 * again under its own.
 */
export async function makeSnapshot(
  queries: Queries,
  ring: KeyRing,
  nowMs: number,
): Promise<{ signed: string; tag: string }> {
  const revision = await readRevision(queries)
  const snapshot: KeySnapshot = {
    revision,
    made_at: new Date(nowMs).toISOString(),
    keys: [...(await readKeys(queries, new Date(nowMs)))],
    organisations: [...(await readOrganisations(queries))],
  }
  return { signed: signKeySnapshot(ring, snapshot), tag: `"${revision}-${ring.activeId}"` }
}

async function readRevision(queries: Queries): Promise<number> {
  const [row] = await queries.query<{ revision: number }>('SELECT revision FROM ecomind.key_revision')
  if (row === undefined) throw new Error('read keys for edges: the control store has no revision')
  return row.revision
}

type SnapshotKeyRow = Omit<KeySnapshot['keys'][number], 'expires_at_ms'> & { readonly expires_at: Date | null }

async function readKeys(queries: Queries, now: Date): Promise<KeySnapshot['keys']> {
  const rows = await queries.query<SnapshotKeyRow>(
    `SELECT k.id, k.org_id, k.hash, k.pepper_id, k.scopes, k.expires_at, k.rate_per_second, k.events_per_day_max
     FROM ecomind.api_keys k JOIN ecomind.organisations o ON o.id = k.org_id
     WHERE k.revoked_at IS NULL AND o.deleted_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $1)
     ORDER BY k.org_id, k.id`,
    [now],
  )
  return rows.map(({ expires_at: expiresAt, ...key }) => ({ ...key, expires_at_ms: expiresAt?.getTime() ?? null }))
}

async function readOrganisations(queries: Queries): Promise<KeySnapshot['organisations']> {
  const rows = await queries.query<KeySnapshot['organisations'][number]>(
    `SELECT id, (settings->>'events_per_second_max')::bigint AS rate_per_second,
       (settings->>'events_per_day_max')::bigint AS events_per_day_max
     FROM ecomind.organisations
     WHERE deleted_at IS NULL
       AND (settings->>'events_per_second_max' IS NOT NULL OR settings->>'events_per_day_max' IS NOT NULL)
     ORDER BY id`,
  )
  return [...rows]
}
