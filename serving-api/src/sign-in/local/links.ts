/** Links that work once: to set a first password, to set another one, to make the first owner. */
import type { Queries } from '../../database/database.ts'
import { ApiError } from '../../http/api-error.ts'
import { hashToken, isToken, newToken } from '../secret-tokens.ts'
import type { SignIn } from '../sign-in.ts'

export type LinkKind = 'invitation' | 'reset' | 'first_owner'

/** Three days, an hour, a day. */
const LIFE_MS: Readonly<Record<LinkKind, number>> = {
  invitation: 259_200_000,
  reset: 3_600_000,
  first_owner: 86_400_000,
}

/** The page that takes the token; behind `#`, so that it gets into no log and no Referer. */
const PAGES: Readonly<Record<LinkKind, string>> = {
  invitation: '/invitation',
  reset: '/reset',
  first_owner: '/first-owner',
}

export interface NewLink {
  readonly kind: LinkKind
  /** Null for the first owner. */
  readonly person: { readonly orgId: string; readonly userId: string } | null
  readonly createdBy: string
}

/** Earlier links of the same kind for the same person are worth nothing any more. */
export async function makeLink(
  { config, nowMs }: Pick<SignIn, 'config' | 'nowMs'>,
  queries: Queries,
  { kind, person, createdBy }: NewLink,
): Promise<{ readonly url: string; readonly expiresAt: Date }> {
  const token = newToken()
  const now = nowMs()
  const expiresAt = new Date(now + LIFE_MS[kind])
  const [orgId, userId] = [person?.orgId ?? null, person?.userId ?? null]
  await queries.query(
    `DELETE FROM ecomind.sign_in_links
     WHERE kind = $1 AND org_id IS NOT DISTINCT FROM $2 AND user_id IS NOT DISTINCT FROM $3 AND used_at IS NULL`,
    [kind, orgId, userId],
  )
  await queries.query(
    `INSERT INTO ecomind.sign_in_links (token_hash, kind, org_id, user_id, created_by, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [hashToken(token), kind, orgId, userId, createdBy, new Date(now), expiresAt],
  )
  return { url: new URL(`${PAGES[kind]}#${token}`, config.publicUrl).href, expiresAt }
}

/** Whoever becomes an owner: links that somebody without the right to let owners in may have made before. */
export async function voidLinks(queries: Queries, orgId: string, userId: string): Promise<void> {
  await queries.query('DELETE FROM ecomind.sign_in_links WHERE org_id = $1 AND user_id = $2 AND used_at IS NULL', [
    orgId,
    userId,
  ])
}

interface LinkRow {
  readonly kind: LinkKind
  readonly org_id: string | null
  readonly user_id: string | null
}

/** In the transaction of what the link is for: taken together with it. @throws ApiError link_invalid */
export async function takeLink(
  queries: Queries,
  token: string,
  kinds: readonly LinkKind[],
  nowMs: number,
): Promise<LinkRow> {
  const [row] = isToken(token)
    ? await queries.query<LinkRow>(
        `UPDATE ecomind.sign_in_links SET used_at = $2
         WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING kind, org_id, user_id`,
        [hashToken(token), new Date(nowMs)],
      )
    : []
  if (row === undefined || !kinds.includes(row.kind))
    throw new ApiError('link_invalid', 'The link was used, has expired or is not known')
  return row
}
