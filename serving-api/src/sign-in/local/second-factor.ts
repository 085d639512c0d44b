/** Codes of an authenticator app (RFC 6238) and recovery codes. Each works once. */
import { randomInt } from 'node:crypto'
import { open, seal } from '@ecomind/schemas/keys'
import { generateSecret, generateURI, verify } from 'otplib'
import type { Queries } from '../../database/database.ts'
import { hashToken } from '../secret-tokens.ts'
import type { SignIn } from '../sign-in.ts'
import type { LocalAccount } from './accounts.ts'

const PURPOSE = 'totp'
/** A phone's clock may be one step off either way. */
const TOLERANCE_S = 30
const RECOVERY_CODES = 10
/** Without letters and digits that look alike. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'
const RECOVERY_LENGTH = 16

type Person = Pick<LocalAccount, 'orgId' | 'userId'>

/** A secret that counts as soon as a code of it was shown. */
export async function beginTotp(
  signIn: SignIn,
  queries: Queries,
  { orgId, userId, email }: Person & { readonly email: string },
): Promise<{ readonly secret: string; readonly uri: string }> {
  const secret = generateSecret({ length: 20 })
  await queries.query(
    `INSERT INTO ecomind.local_accounts (org_id, user_id, totp_secret_sealed, updated_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (org_id, user_id) DO UPDATE SET totp_secret_sealed = $3, totp_last_step = 0, updated_at = $4`,
    [orgId, userId, seal(signIn.keyRing, PURPOSE, secret), new Date(signIn.nowMs())],
  )
  return { secret, uri: generateURI({ issuer: 'Ecomind', label: `${email} (${orgId})`, secret }) }
}

/** True once for each code: the step it belongs to, and all before it, are used up. */
export async function useTotpCode(
  signIn: SignIn,
  queries: Queries,
  person: Person & Pick<LocalAccount, 'totpSecretSealed'>,
  code: string,
): Promise<boolean> {
  if (person.totpSecretSealed === null || !/^\d{6}$/.test(code)) return false
  const secret = open(signIn.keyRing, PURPOSE, person.totpSecretSealed)
  const epoch = Math.floor(signIn.nowMs() / 1000)
  const result = await verify({ secret, token: code, epoch, epochTolerance: TOLERANCE_S })
  if (!result.valid || !('timeStep' in result)) return false
  const used = await queries.query(
    `UPDATE ecomind.local_accounts SET totp_last_step = $3
     WHERE org_id = $1 AND user_id = $2 AND totp_last_step < $3 RETURNING user_id`,
    [person.orgId, person.userId, result.timeStep],
  )
  return used.length === 1
}

export async function confirmTotp(queries: Queries, { orgId, userId }: Person, nowMs: number): Promise<void> {
  await queries.query(
    'UPDATE ecomind.local_accounts SET totp_confirmed_at = $3, updated_at = $3 WHERE org_id = $1 AND user_id = $2',
    [orgId, userId, new Date(nowMs)],
  )
}

export async function removeTotp(queries: Queries, { orgId, userId }: Person, nowMs: number): Promise<void> {
  await queries.query('DELETE FROM ecomind.recovery_codes WHERE org_id = $1 AND user_id = $2', [orgId, userId])
  await queries.query(
    `UPDATE ecomind.local_accounts SET totp_secret_sealed = NULL, totp_confirmed_at = NULL, updated_at = $3
     WHERE org_id = $1 AND user_id = $2`,
    [orgId, userId, new Date(nowMs)],
  )
}

/** New ones, shown this once; the earlier ones are worth nothing any more. */
export async function makeRecoveryCodes(queries: Queries, { orgId, userId }: Person): Promise<readonly string[]> {
  await queries.query('DELETE FROM ecomind.recovery_codes WHERE org_id = $1 AND user_id = $2', [orgId, userId])
  const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode)
  for (const code of codes)
    await queries.query('INSERT INTO ecomind.recovery_codes (org_id, user_id, code_hash) VALUES ($1, $2, $3)', [
      orgId,
      userId,
      hashOf(code),
    ])
  return codes
}

export async function useRecoveryCode(
  queries: Queries,
  { orgId, userId }: Person,
  code: string,
  nowMs: number,
): Promise<boolean> {
  const used = await queries.query(
    `UPDATE ecomind.recovery_codes SET used_at = $4
     WHERE org_id = $1 AND user_id = $2 AND code_hash = $3 AND used_at IS NULL RETURNING user_id`,
    [orgId, userId, hashOf(code), new Date(nowMs)],
  )
  return used.length === 1
}

/** Four groups of four: 79 bits. */
function newRecoveryCode(): string {
  const letters = Array.from({ length: RECOVERY_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)] ?? '')
  return letters.join('').replace(/(.{4})(?=.)/g, '$1-')
}

const hashOf = (code: string): string => hashToken(code.toLowerCase().replace(/[^a-z0-9]/g, ''))
