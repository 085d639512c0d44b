/** A real identity provider of a test's own (Keycloak), provisioned without Docker, with one realm that is set up by its admin API. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { provision } from '@ecomind/event-log/testing/kafka-cluster'

const REALM = 'ecomind'
/** Of ops/provision/keycloak.sh. */
const ADMIN = { username: 'admin', password: 'admin' }
export const KEYCLOAK_PASSWORD = 'four paper boats'

export interface KeycloakPerson {
  readonly username: string
  readonly email: string
  readonly groups: readonly string[]
}

export interface Keycloak {
  /** Of the realm: OpenID issuer and SAML entity id. */
  readonly issuer: string
  readonly samlUrl: string
  /** PEM of the key that signs assertions. */
  samlCertificate(): Promise<string>
  addGroup(name: string): Promise<void>
  /** Whose password is `KEYCLOAK_PASSWORD`. */
  addPerson(person: KeycloakPerson): Promise<void>
  leaveGroup(username: string, group: string): Promise<void>
  /** Ends the person's sessions at Keycloak, so that the next sign-in asks for the password again. */
  endSessions(username: string): Promise<void>
  addOidcClient(clientId: string, secret: string, redirectUri: string): Promise<void>
  addSamlClient(entityId: string, acsUrl: string): Promise<void>
  remove(): Promise<void>
}

export async function startKeycloak(): Promise<Keycloak> {
  const dir = await mkdtemp(join(tmpdir(), 'ecomind-keycloak-'))
  const remove = async () => {
    await provision('keycloak.sh', 'stop', '--dir', dir)
    await rm(dir, { recursive: true, force: true })
  }
  try {
    const url = await provision('keycloak.sh', 'start', '--dir', dir)
    const ask = adminApi(url)
    await ask('POST', '', { realm: REALM, enabled: true })
    return { ...realmOf(url, ask), remove }
  } catch (error) {
    await remove()
    throw error
  }
}

type Ask = (method: string, path: string, body?: unknown) => Promise<unknown>

/** Tokens of the administrator live for a minute; each question takes a new one. */
function adminApi(url: string): Ask {
  return async (method, path, body) => {
    const form = new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...ADMIN })
    const granted = await fetch(`${url}/realms/master/protocol/openid-connect/token`, { method: 'POST', body: form })
    const { access_token: token } = (await granted.json()) as { access_token: string }
    const answer = await fetch(`${url}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`ask Keycloak ${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? null : (JSON.parse(text) as unknown)
  }
}

function realmOf(url: string, ask: Ask): Omit<Keycloak, 'remove'> {
  const issuer = `${url}/realms/${REALM}`
  const realm = `/${REALM}`
  const idOf = async (path: string) => {
    const [first] = (await ask('GET', `${realm}${path}`)) as { id: string }[]
    if (first === undefined) throw new Error(`ask Keycloak ${path}: nothing there`)
    return first.id
  }
  const userId = (username: string) => idOf(`/users?exact=true&username=${username}`)
  return {
    issuer,
    samlUrl: `${issuer}/protocol/saml`,
    samlCertificate: async () => {
      const descriptor = await (await fetch(`${issuer}/protocol/saml/descriptor`)).text()
      const base64 = /<ds:X509Certificate>([^<]+)</.exec(descriptor)?.[1]
      if (base64 === undefined) throw new Error(`read Keycloak's SAML descriptor: no certificate: ${descriptor}`)
      return `-----BEGIN CERTIFICATE-----\n${base64.match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`
    },
    addGroup: async (name) => {
      await ask('POST', `${realm}/groups`, { name })
    },
    addPerson: async ({ username, email, groups }) => {
      await ask('POST', `${realm}/users`, {
        username,
        email,
        emailVerified: true,
        firstName: username,
        lastName: 'Tester',
        enabled: true,
        credentials: [{ type: 'password', value: KEYCLOAK_PASSWORD, temporary: false }],
        groups: groups.map((name) => `/${name}`),
      })
    },
    leaveGroup: async (username, group) => {
      const groupId = await idOf(`/groups?exact=true&search=${group}`)
      await ask('DELETE', `${realm}/users/${await userId(username)}/groups/${groupId}`)
    },
    endSessions: async (username) => {
      await ask('POST', `${realm}/users/${await userId(username)}/logout`)
    },
    addOidcClient: async (clientId, secret, redirectUri) => {
      await ask('POST', `${realm}/clients`, oidcClient(clientId, secret, redirectUri))
    },
    addSamlClient: async (entityId, acsUrl) => {
      await ask('POST', `${realm}/clients`, samlClient(entityId, acsUrl))
    },
  }
}

const oidcClient = (clientId: string, secret: string, redirectUri: string) => ({
  clientId,
  secret,
  protocol: 'openid-connect',
  publicClient: false,
  standardFlowEnabled: true,
  directAccessGrantsEnabled: false,
  redirectUris: [redirectUri],
  attributes: { 'pkce.code.challenge.method': 'S256' },
  protocolMappers: [
    {
      name: 'groups',
      protocol: 'openid-connect',
      protocolMapper: 'oidc-group-membership-mapper',
      config: {
        'claim.name': 'groups',
        'full.path': 'false',
        'id.token.claim': 'true',
        'userinfo.token.claim': 'true',
      },
    },
  ],
})

const samlClient = (entityId: string, acsUrl: string) => ({
  clientId: entityId,
  protocol: 'saml',
  redirectUris: [acsUrl],
  attributes: {
    'saml.assertion.signature': 'true',
    'saml.server.signature': 'true',
    'saml.client.signature': 'false',
    'saml.signature.algorithm': 'RSA_SHA256',
    'saml.force.post.binding': 'true',
    saml_name_id_format: 'persistent',
    saml_assertion_consumer_url_post: acsUrl,
  },
  protocolMappers: [
    {
      name: 'email',
      protocol: 'saml',
      protocolMapper: 'saml-user-property-mapper',
      config: { 'user.attribute': 'email', 'attribute.name': 'email', 'attribute.nameformat': 'Basic' },
    },
    {
      name: 'groups',
      protocol: 'saml',
      protocolMapper: 'saml-group-membership-mapper',
      config: { 'attribute.name': 'groups', 'attribute.nameformat': 'Basic', 'full.path': 'false', single: 'true' },
    },
  ],
})
