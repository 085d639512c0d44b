/** Signs a person in whom an identity provider vouches for: finds, links or makes them and gives the roles of their groups. */
import { randomUUID } from 'node:crypto'
import type { Request, Response } from 'express'
import type { Grant } from '../../access/principal.ts'
import type { Role } from '../../access/roles.ts'
import { DatabaseError, type Queries } from '../../database/database.ts'
import { ApiError } from '../../http/api-error.ts'
import { recordSignIn } from '../audit-sign-in.ts'
import { clientOf } from '../client.ts'
import { domainOfEmail } from '../domains/domain-rules.ts'
import { isVerifiedDomain } from '../domains/domain-store.ts'
import { isOwner } from '../local/accounts.ts'
import { voidLinks } from '../local/links.ts'
import { startSession } from '../sessions/session-of-request.ts'
import type { SignIn } from '../sign-in.ts'
import { changeOfGrants, grantKey, grantsOfGroups } from './group-mapping.ts'
import { type Claimed, type Known, type KnownPerson, type Match, matchIdentity } from './match-identity.ts'
import type { Provider } from './provider-store.ts'

/** @throws ApiError sign_in_refused; the reason is in the log and the audit, not in the answer */
export async function signInByProvider(
  signIn: SignIn,
  req: Request,
  res: Response,
  provider: Provider,
  claimed: Claimed,
): Promise<void> {
  try {
    await attempt(signIn, req, res, provider, claimed)
  } catch (error) {
    // Two first sign-ins of one person at once: the other one has made them.
    if (!(error instanceof DatabaseError) || error.sqlState !== UNIQUE_VIOLATION) throw error
    await attempt(signIn, req, res, provider, claimed)
  }
}

const UNIQUE_VIOLATION = '23505'

async function attempt(
  signIn: SignIn,
  req: Request,
  res: Response,
  provider: Provider,
  claimed: Claimed,
): Promise<void> {
  const refusal: { reason?: string } = {}
  try {
    await startSession(signIn, req, res, async (queries) => {
      const known = await knownPeople(queries, provider, claimed)
      const match = matchIdentity(provider.settings, claimed, known)
      if (match.kind === 'refuse') {
        refusal.reason = match.reason
        throw new ApiError('sign_in_refused', 'The identity provider vouches for nobody who may sign in here')
      }
      const userId = await personOf(signIn, queries, req, res, provider, claimed, match)
      await giveRoles(signIn, queries, req, res, provider, userId, claimed.groups)
      return { orgId: provider.orgId, userId, method: provider.id }
    })
  } catch (error) {
    if (refusal.reason !== undefined) await refuse(signIn, req, res, provider, refusal.reason, claimed.subject)
    throw error
  }
}

/** Writes a refusal down. */
export async function refuse(
  signIn: SignIn,
  req: Request,
  res: Response,
  { id, orgId }: Pick<Provider, 'id' | 'orgId'>,
  reason: string,
  subject = '',
): Promise<void> {
  signIn.logger.warn({ provider: id, orgId, reason, ip: clientOf(req).ip }, 'sign-in by identity provider refused')
  await signIn.keep((queries) =>
    recordSignIn(signIn, queries, req, res, {
      orgId,
      userId: null,
      action: 'sign_in_refused',
      target: { type: 'identity_provider', id },
      outcome: 'refused',
      details: { reason, subject: subject.slice(0, 256) },
    }),
  )
}

interface PersonRow {
  readonly user_id: string
  readonly active: boolean
  readonly other_subject: boolean
}

async function knownPeople(queries: Queries, { id, orgId }: Provider, claimed: Claimed): Promise<Known> {
  const [linked] = await queries.query<PersonRow>(
    `SELECT u.id AS user_id, u.active FROM ecomind.user_identities i
     JOIN ecomind.users u ON u.org_id = i.org_id AND u.id = i.user_id
     WHERE i.provider_id = $1 AND i.subject = $2 AND i.org_id = $3 AND u.deleted_at IS NULL`,
    [id, claimed.subject, orgId],
  )
  const [byEmail] = await queries.query<PersonRow>(
    `SELECT u.id AS user_id, u.active, EXISTS (SELECT FROM ecomind.user_identities i
       WHERE i.provider_id = $1 AND i.org_id = u.org_id AND i.user_id = u.id AND i.subject <> $2) AS other_subject
     FROM ecomind.users u WHERE u.org_id = $3 AND u.email = $4 AND u.deleted_at IS NULL`,
    [id, claimed.subject, orgId, claimed.email ?? ''],
  )
  const person = async ({ user_id, active }: PersonRow): Promise<KnownPerson> => ({
    userId: user_id,
    active,
    isOwner: await isOwner(queries, orgId, user_id),
  })
  const { email } = claimed
  return {
    linked: linked === undefined ? null : await person(linked),
    byEmail: byEmail === undefined ? null : { ...(await person(byEmail)), otherSubject: byEmail.other_subject },
    emailDomain: email === null ? null : domainOfEmail(email),
    domainVerified: email !== null && (await isVerifiedDomain(queries, orgId, email)),
  }
}

/** The user's id; made or linked now where need be. */
async function personOf(
  signIn: SignIn,
  queries: Queries,
  req: Request,
  res: Response,
  provider: Provider,
  claimed: Claimed,
  match: Exclude<Match, { kind: 'refuse' }>,
): Promise<string> {
  if (match.kind === 'known') return match.userId
  const at = new Date(signIn.nowMs())
  const { id, orgId, settings } = provider
  const userId = match.kind === 'link' ? match.userId : randomUUID()
  if (match.kind === 'create') {
    await queries.query(
      `INSERT INTO ecomind.users (org_id, id, email, name, usage_user_id, source, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $3, $5, $6, $6)`,
      [orgId, userId, match.email, claimed.name ?? match.email, settings.kind, at],
    )
  }
  // A link to someone who was deleted since gives way.
  await queries.query(
    `INSERT INTO ecomind.user_identities (provider_id, subject, org_id, user_id, linked_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (provider_id, subject) DO UPDATE SET user_id = $4, linked_at = $5`,
    [id, claimed.subject, orgId, userId, at],
  )
  await recordSignIn(signIn, queries, req, res, {
    orgId,
    userId,
    action: match.kind === 'create' ? 'create' : 'link',
    details: { provider: id, subject: claimed.subject.slice(0, 256), email: claimed.email },
  })
  return userId
}

interface MembershipRow {
  readonly role: Role
  readonly scope_kind: Grant['scope']['kind']
  readonly scope_id: string
}

/** Those that this provider gave before and gives no more are taken back; roles from elsewhere stay. */
async function giveRoles(
  signIn: SignIn,
  queries: Queries,
  req: Request,
  res: Response,
  { id, orgId, settings }: Provider,
  userId: string,
  groups: readonly string[],
): Promise<void> {
  const rows = await queries.query<MembershipRow>(
    'SELECT role, scope_kind, scope_id FROM ecomind.memberships WHERE org_id = $1 AND user_id = $2 AND source = $3',
    [orgId, userId, id],
  )
  const present = rows.map(
    ({ role, scope_kind, scope_id }): Grant => ({
      role,
      scope: scope_kind === 'organisation' ? { kind: scope_kind } : { kind: scope_kind, id: scope_id },
    }),
  )
  const wanted = grantsOfGroups(settings.group_mapping, groups, settings.default_grant)
  const { give, take } = changeOfGrants(present, wanted)
  if (give.length + take.length === 0) return
  const idOf = ({ scope }: Grant) => (scope.kind === 'organisation' ? '' : scope.id)
  for (const grant of take)
    await queries.query(
      `DELETE FROM ecomind.memberships WHERE org_id = $1 AND user_id = $2 AND source = $3 AND role = $4
       AND scope_kind = $5 AND scope_id = $6`,
      [orgId, userId, id, grant.role, grant.scope.kind, idOf(grant)],
    )
  for (const grant of give)
    await queries.query(
      `INSERT INTO ecomind.memberships (org_id, user_id, role, scope_kind, scope_id, source, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      [orgId, userId, grant.role, grant.scope.kind, idOf(grant), id, new Date(signIn.nowMs())],
    )
  if (give.some((grant) => grant.role === 'owner')) await voidLinks(queries, orgId, userId)
  await recordSignIn(signIn, queries, req, res, {
    orgId,
    userId,
    action: 'change_roles',
    before: { roles: present.map(grantKey) },
    details: { roles: wanted.map(grantKey), provider: id },
  })
}
