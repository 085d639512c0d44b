/** People and their sign-in, as far as the pages see it. Nothing is checked: what a person types says what happens. */
import type { IncomingMessage } from 'node:http'
import { MockFault } from './mock-fault.ts'
import type { Someone } from './scenarios.ts'

const SESSION = 'ecomind_mock_session'
const SIGNED_IN_COOKIE = `${SESSION}=yes; Path=/; SameSite=Lax; HttpOnly`
export const SIGNED_OUT_COOKIE = `${SESSION}=; Path=/; Max-Age=0`
const CSRF_TOKEN = 'mock-csrf-token'
const EMAIL = 'alice.meyer@example.com'

export const isSignedIn = (request: IncomingMessage): boolean =>
  (request.headers.cookie ?? '').includes(`${SESSION}=yes`)

const EVERY_RIGHT = ['usage:read', 'events:read', 'people:read', 'factors:read', 'keys:write']

interface Member {
  readonly org_id: string
  readonly name: string
  readonly roles: readonly { readonly role: string; readonly scope: string }[]
  readonly permissions: readonly string[]
  readonly partial_permissions: readonly string[]
}

const ORGANISATION = { org_id: 'org_demo', name: 'Demo Industries' }

const MEMBERSHIPS: Readonly<Record<Someone, readonly Member[]>> = {
  owner: [
    {
      ...ORGANISATION,
      roles: [{ role: 'owner', scope: 'organisation' }],
      permissions: EVERY_RIGHT,
      partial_permissions: [],
    },
    {
      org_id: 'org_subsidiary',
      name: 'Demo Subsidiary for Climate-Neutral Logistics and Warehousing',
      roles: [{ role: 'analyst', scope: 'organisation' }],
      permissions: EVERY_RIGHT,
      partial_permissions: [],
    },
  ],
  viewer: [
    {
      ...ORGANISATION,
      roles: [{ role: 'viewer', scope: 'organisation' }],
      permissions: ['usage:read', 'events:read', 'factors:read'],
      partial_permissions: ['events:read'],
    },
  ],
  'team-viewer': [
    {
      ...ORGANISATION,
      roles: [{ role: 'viewer', scope: 'team/research' }],
      permissions: ['usage:read', 'events:read'],
      partial_permissions: ['usage:read', 'events:read'],
    },
  ],
  'no-rights': [
    {
      ...ORGANISATION,
      roles: [{ role: 'auditor', scope: 'project/alpha' }],
      permissions: ['audits:read'],
      partial_permissions: [],
    },
  ],
}

const orgIds = (someone: Someone): readonly string[] => MEMBERSHIPS[someone].map((m) => m.org_id)
export const MOCK_ORG_IDS: Readonly<Record<Someone, readonly string[]>> = {
  owner: orgIds('owner'),
  viewer: orgIds('viewer'),
  'team-viewer': orgIds('team-viewer'),
  'no-rights': orgIds('no-rights'),
}

/** @throws MockFault forbidden */
export function requireRight(someone: Someone, path: string): void {
  const right = path.startsWith('/v1/events') ? 'events:read' : 'usage:read'
  if (!MEMBERSHIPS[someone].some((m) => m.permissions.includes(right)))
    throw new MockFault(403, 'forbidden', `The right ${right} is needed for this`)
}

export interface SignInAnswer {
  readonly body: unknown
  readonly cookies: readonly string[]
}
const answer = (body: unknown, ...cookies: readonly string[]): SignInAnswer => ({ body, cookies })
const signedIn = () =>
  answer({ org_id: ORGANISATION.org_id, user_id: 'mock', csrf_token: CSRF_TOKEN }, SIGNED_IN_COOKIE)

/** @throws MockFault for what the texts of the body say is wrong */
export function answerSignIn(someone: Someone, request: IncomingMessage, url: URL, body: unknown): SignInAnswer {
  const typed = typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {}
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /v1/auth/methods':
      return answer(methodsOf(url.searchParams.get('email') ?? ''))
    case 'POST /v1/auth/login':
      checkPassword(typed)
      return signedIn()
    case 'POST /v1/auth/links/redeem':
      checkLink(typed)
      return answer({ org_id: ORGANISATION.org_id, email: EMAIL })
    case 'POST /v1/auth/first-owner':
      checkLink(typed)
      return signedIn()
    default:
      return answerMember(someone, request, url)
  }
}

/** What only somebody who is signed in is told. */
function answerMember(someone: Someone, request: IncomingMessage, url: URL): SignInAnswer {
  if (!isSignedIn(request)) throw new MockFault(401, 'unauthorized', 'A key or a session is needed')
  if (request.method === 'GET' && url.pathname === '/v1/auth/me') return answer(me(someone))
  if (request.headers['x-csrf-token'] !== CSRF_TOKEN)
    throw new MockFault(403, 'csrf_rejected', 'X-CSRF-Token: the csrf_token of GET /v1/auth/me is wanted')
  if (url.pathname === '/v1/auth/logout') return answer({ done: true }, SIGNED_OUT_COOKIE)
  if (url.pathname === '/v1/auth/sessions') return answer({ ended: 1 })
  throw new MockFault(404, 'not_found', `There is nothing under ${url.pathname}`)
}

function methodsOf(email: string) {
  const isSso = email.endsWith('@sso.example')
  const provider = (id: string, kind: string, name: string) => ({
    id,
    kind,
    name,
    start_url: `/v1/auth/${kind}/${id}/start`,
  })
  return {
    sign_in: 'required',
    password: true,
    passkey: true,
    sso_required: isSso && email.startsWith('required'),
    providers: isSso ? [provider('idp_one', 'oidc', 'Keycloak'), provider('idp_two', 'saml', 'Head office')] : [],
  }
}

function checkPassword(typed: Readonly<Record<string, unknown>>): void {
  const wrong = new MockFault(401, 'invalid_credentials', 'E-mail, password or code is wrong')
  if (typed['password'] === 'wrong') throw wrong
  if (!String(typed['email']).startsWith('two-factor')) return
  if (typed['code'] === undefined)
    throw new MockFault(401, 'second_factor_required', 'code: of the authenticator app is wanted')
  if (typed['code'] === '000000') throw wrong
}

function checkLink(typed: Readonly<Record<string, unknown>>): void {
  if (typed['token'] === 'used')
    throw new MockFault(410, 'link_invalid', 'The link was used, has expired or is not known')
  const length = String(typed['password']).length
  if (length < 12) throw new MockFault(400, 'invalid_parameter', `password: ${length} characters, 12 to 256 are wanted`)
}

function me(someone: Someone) {
  return {
    kind: 'session',
    csrf_token: CSRF_TOKEN,
    organisations: MEMBERSHIPS[someone].map((m) => ({
      ...m,
      user_id: 'mock',
      email: EMAIL,
      display_name: 'Alice Meyer',
      method: 'password',
      signed_in_at: '2026-03-12T08:00:00.000Z',
    })),
  }
}
