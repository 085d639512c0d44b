/** Who is signed in, on which devices, and the ways out. */
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import { z } from 'zod'
import type { Asker } from '../../access/asker.ts'
import { accessOf } from '../../access/decide.ts'
import { PERMISSIONS } from '../../access/roles.ts'
import { ApiError } from '../../http/api-error.ts'
import { askerRoute, type Route } from '../../http/route.ts'
import { recordSignIn } from '../audit-sign-in.ts'
import { authRoute, BODY_ERRORS, READ_ERRORS, SIGN_IN_TAG } from '../auth-route.ts'
import { clearCookie } from '../cookies.ts'
import { done, orgIdField } from '../shapes.ts'
import { isSecure } from '../sign-in.ts'
import { requireSession, sessionOf } from './session-of-request.ts'
import { deleteSession, devicesOf, limitsOf, signOut, signOutElsewhere } from './session-store.ts'

const organisationOfAsker = z.object({
  org_id: z.string(),
  name: z.string().nullable(),
  user_id: z.string().nullable(),
  email: z.string().nullable(),
  display_name: z.string().nullable(),
  method: z.string().nullable().describe('password, passkey, or id of the identity provider; null: no sign-in'),
  signed_in_at: z.string().nullable(),
  roles: z.array(z.object({ role: z.string(), scope: z.string() })),
  permissions: z.array(z.string()),
  partial_permissions: z
    .array(z.string())
    .describe('of these: those that cover the rows of some teams, projects and oneself only'),
})

const me = z.object({
  kind: z.enum(['session', 'key', 'token', 'local']),
  csrf_token: z.string().nullable().describe('of a session: to be sent as X-CSRF-Token with every change'),
  organisations: z.array(organisationOfAsker),
})

const meRoute = askerRoute({
  permission: 'signed-in',
  method: 'get',
  path: '/v1/auth/me',
  tag: SIGN_IN_TAG,
  summary: 'Who is asking, and what they may do',
  description: 'For a browser session, a key, a token, and for local mode, which asks nobody.',
  answer: me,
  errors: ['unauthorized', 'database_unavailable'],
  handle: async ({ control }, asker, { req }) => {
    const session = asker.principal.kind === 'session' && control.signIn ? await sessionOf(control.signIn, req) : null
    const organisations = orgIdsOf(asker).map((orgId) => {
      const person = session?.people.find((p) => p.orgId === orgId)
      const access = accessOf(asker.principal, orgId, LOCAL_ORG_ID)
      return {
        org_id: orgId,
        name: person?.orgName ?? null,
        user_id: person?.userId ?? null,
        email: person?.email ?? null,
        display_name: person?.name ?? null,
        method: person?.method ?? null,
        signed_in_at: person?.signedInAt.toISOString() ?? null,
        roles: (person?.grants ?? []).map(({ role, scope }) => ({
          role,
          scope: scope.kind === 'organisation' ? scope.kind : `${scope.kind}/${scope.id}`,
        })),
        permissions: PERMISSIONS.filter((p) => access?.may(p) === true),
        partial_permissions: PERMISSIONS.filter((p) => access?.rows(p)?.kind === 'some'),
      }
    })
    return { kind: asker.principal.kind, csrf_token: session?.csrfToken ?? null, organisations }
  },
})

function orgIdsOf({ principal }: Asker): readonly string[] {
  switch (principal.kind) {
    case 'session':
      return principal.people.map((p) => p.orgId)
    case 'key':
    case 'token':
      return [principal.orgId]
    case 'local':
      return [LOCAL_ORG_ID]
    case 'anonymous':
      return []
  }
}

const logoutRoute = authRoute({
  permission: 'signed-in',
  method: 'post',
  path: '/v1/auth/logout',
  summary: 'Sign out',
  description: 'Of one organisation, or with an empty object of all; the session ends with the last one.',
  body: z.strictObject({ org_id: orgIdField.optional() }),
  answer: done,
  errors: ['unauthorized', ...BODY_ERRORS],
  handle: async (signIn, { body, req, res }) => {
    const session = await requireSession(signIn, req)
    const leaving = session.people.filter((p) => body.org_id === undefined || p.orgId === body.org_id)
    if (leaving.length === 0) throw new ApiError('not_found', 'There is no such organisation', { field: 'org_id' })
    await signIn.keep(async (queries) => {
      for (const { orgId, userId } of leaving) {
        await signOut(queries, session.id, orgId, userId)
        await recordSignIn(signIn, queries, req, res, { orgId, userId, action: 'sign_out', details: {} })
      }
      if (body.org_id === undefined) await deleteSession(queries, session.id)
    })
    if (leaving.length === session.people.length) {
      clearCookie(signIn, res, 'ecomind')
      if (isSecure(signIn)) res.setHeader('Clear-Site-Data', '"cache", "storage"')
    }
    return { done: true }
  },
})

const device = z.object({
  id: z.string(),
  org_id: z.string(),
  current: z.boolean().describe('the session of this request'),
  method: z.string(),
  user_agent: z.string(),
  ip: z.string(),
  created_at: z.string(),
  signed_in_at: z.string(),
  last_seen_at: z.string(),
})

const devicesRoute = authRoute({
  permission: 'signed-in',
  method: 'get',
  path: '/v1/auth/sessions',
  summary: "The asker's own sessions on all devices",
  description: 'One item for each organisation that a browser is signed in to; the latest used first.',
  answer: z.object({ items: z.array(device) }),
  errors: ['unauthorized', ...READ_ERRORS],
  handle: async (signIn, { req }) => {
    const session = await requireSession(signIn, req)
    const lists = await Promise.all(
      session.people.map(async ({ orgId, userId }) => {
        const found = await devicesOf(signIn.database, orgId, userId, limitsOf(signIn))
        return found.map((d) => ({
          id: d.id,
          org_id: orgId,
          current: d.id === session.id,
          method: d.method,
          user_agent: d.user_agent,
          ip: d.ip,
          created_at: d.created_at.toISOString(),
          signed_in_at: d.signed_in_at.toISOString(),
          last_seen_at: d.last_seen_at.toISOString(),
        }))
      }),
    )
    return { items: lists.flat() }
  },
})

const revokeRoute = authRoute({
  permission: 'signed-in',
  method: 'delete',
  path: '/v1/auth/sessions/:id',
  summary: 'Sign out on one device',
  description: 'Of the organisations that this browser is signed in to as the same people.',
  pathParameters: z.object({ id: z.string().max(64).describe('id of a session') }),
  answer: done,
  errors: ['unauthorized', ...BODY_ERRORS],
  handle: async (signIn, { path, req, res }) => {
    const session = await requireSession(signIn, req)
    const ended = await signIn.keep(async (queries) => {
      let count = 0
      for (const { orgId, userId } of session.people) {
        const here = await signOut(queries, path.id, orgId, userId)
        if (here === 0) continue
        count += here
        const target = { type: 'session', id: path.id }
        await recordSignIn(signIn, queries, req, res, { orgId, userId, action: 'revoke', target, details: {} })
      }
      return count
    })
    if (ended === 0) throw new ApiError('not_found', 'There is no such session')
    if (path.id === session.id) clearCookie(signIn, res, 'ecomind')
    return { done: true }
  },
})

const revokeOthersRoute = authRoute({
  permission: 'signed-in',
  method: 'delete',
  path: '/v1/auth/sessions',
  summary: 'Sign out on all other devices',
  description: 'This session stays.',
  answer: z.object({ ended: z.number().int() }),
  errors: ['unauthorized', ...BODY_ERRORS],
  handle: async (signIn, { req, res }) => {
    const session = await requireSession(signIn, req)
    const ended = await signIn.keep(async (queries) => {
      let count = 0
      for (const { orgId, userId } of session.people) {
        const here = await signOutElsewhere(queries, orgId, userId, session.id)
        count += here
        const target = { type: 'session', id: 'others' }
        await recordSignIn(signIn, queries, req, res, {
          orgId,
          userId,
          action: 'revoke',
          target,
          details: { ended: here },
        })
      }
      return count
    })
    return { ended }
  },
})

export const sessionRoutes: readonly Route[] = [meRoute, logoutRoute, devicesRoute, revokeRoute, revokeOthersRoute]
