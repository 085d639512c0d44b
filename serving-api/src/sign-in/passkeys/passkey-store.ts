/** Rows of passkeys. */
import type { WebAuthnCredential } from '@simplewebauthn/server'
import type { Queries } from '../../database/database.ts'

export interface PasskeyRow {
  readonly credential_id: string
  readonly org_id: string
  readonly user_id: string
  readonly name: string
  readonly public_key: string
  readonly counter: number
  readonly transports: { readonly list: readonly string[] }
  readonly created_at: Date
  readonly last_used_at: Date | null
}

export async function passkeysOf(queries: Queries, orgId: string, userId: string): Promise<readonly PasskeyRow[]> {
  return await queries.query<PasskeyRow>(
    'SELECT * FROM ecomind.passkeys WHERE org_id = $1 AND user_id = $2 ORDER BY created_at, credential_id',
    [orgId, userId],
  )
}

/** Locked until the transaction ends: its counter is compared and raised. */
export async function findPasskey(queries: Queries, credentialId: string): Promise<PasskeyRow | undefined> {
  const rows = await queries.query<PasskeyRow>('SELECT * FROM ecomind.passkeys WHERE credential_id = $1 FOR UPDATE', [
    credentialId,
  ])
  return rows[0]
}

/** False: there is a passkey with this id already. */
export async function insertPasskey(
  queries: Queries,
  person: { readonly orgId: string; readonly userId: string },
  name: string,
  { id, publicKey, counter, transports }: WebAuthnCredential,
  nowMs: number,
): Promise<boolean> {
  const added = await queries.query(
    `INSERT INTO ecomind.passkeys (credential_id, org_id, user_id, name, public_key, counter, transports, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING credential_id`,
    [
      id,
      person.orgId,
      person.userId,
      name,
      Buffer.from(publicKey).toString('base64url'),
      counter,
      { list: transports ?? [] },
      new Date(nowMs),
    ],
  )
  return added.length === 1
}

export async function notePasskeyUse(
  queries: Queries,
  credentialId: string,
  counter: number,
  nowMs: number,
): Promise<void> {
  await queries.query('UPDATE ecomind.passkeys SET counter = $2, last_used_at = $3 WHERE credential_id = $1', [
    credentialId,
    counter,
    new Date(nowMs),
  ])
}

export async function deletePasskey(
  queries: Queries,
  { orgId, userId }: { readonly orgId: string; readonly userId: string },
  credentialId: string,
): Promise<boolean> {
  const gone = await queries.query(
    'DELETE FROM ecomind.passkeys WHERE credential_id = $1 AND org_id = $2 AND user_id = $3 RETURNING credential_id',
    [credentialId, orgId, userId],
  )
  return gone.length === 1
}

export const credentialOf = ({ credential_id, public_key, counter }: PasskeyRow): WebAuthnCredential => ({
  id: credential_id,
  publicKey: new Uint8Array(Buffer.from(public_key, 'base64url')),
  counter,
})
