/**
 * Clients of OpenID providers, by discovery. ID tokens are accepted with asymmetric signatures of the provider's published
 * keys only, and the signature is always checked, although TLS would do by the standard.
 */
import * as oidc from 'openid-client'
import { ApiError } from '../../http/api-error.ts'
import type { GuardedFetch } from '../../outbound/guarded-fetch.ts'
import type { OidcSettings } from '../providers/provider-settings.ts'

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'] as const
/** How long a discovery document is believed. */
const KEPT_MS = 600_000
const KEPT_MAX = 500
const CLOCK_TOLERANCE_S = 30
const TIMEOUT_S = 10

export interface OidcParty {
  readonly id: string
  readonly version: number
  readonly settings: OidcSettings
  readonly clientSecret: string | null
}

export class OidcClients {
  readonly #fetch: GuardedFetch
  readonly #publicUrl: string
  readonly #nowMs: () => number
  readonly #kept = new Map<string, { readonly untilMs: number; readonly client: Promise<oidc.Configuration> }>()

  constructor(fetch: GuardedFetch, publicUrl: string, nowMs: () => number) {
    this.#fetch = fetch
    this.#publicUrl = publicUrl
    this.#nowMs = nowMs
  }

  redirectUri(providerId: string): string {
    return new URL(`/v1/auth/oidc/${providerId}/callback`, this.#publicUrl).href
  }

  /** @throws ApiError provider_unavailable */
  async clientOf(party: OidcParty): Promise<oidc.Configuration> {
    const key = `${party.id}/${party.version}`
    const kept = this.#kept.get(key)
    if (kept !== undefined && kept.untilMs > this.#nowMs()) return await kept.client
    if (this.#kept.size >= KEPT_MAX) this.#kept.clear()
    const client = this.#discover(party)
    this.#kept.set(key, { untilMs: this.#nowMs() + KEPT_MS, client })
    try {
      return await client
    } catch (cause) {
      this.#kept.delete(key)
      if (cause instanceof ApiError) throw cause
      throw new ApiError('provider_unavailable', 'The identity provider does not answer as it should', { cause })
    }
  }

  async #discover({ settings, clientSecret }: OidcParty): Promise<oidc.Configuration> {
    const insecure = settings.issuer.startsWith('http:')
    const customFetch: oidc.CustomFetch = (url, { method, headers, body, signal }) =>
      this.#fetch(url, { method, headers, body, signal })
    const found = await oidc.discovery(new URL(settings.issuer), settings.client_id, undefined, oidc.None(), {
      [oidc.customFetch]: customFetch,
      timeout: TIMEOUT_S,
      ...(insecure ? { execute: [oidc.allowInsecureRequests] } : {}),
    })
    // Its helper function is no metadata.
    const { supportsPKCE: _helper, ...server } = found.serverMetadata()
    const algorithms = ALGORITHMS.filter(
      (a) => server.id_token_signing_alg_values_supported?.includes(a) ?? a === 'RS256',
    )
    if (algorithms.length === 0)
      throw new ApiError('provider_unavailable', `The identity provider signs with none of ${ALGORITHMS.join(', ')}`)
    const client = new oidc.Configuration(
      { ...server, id_token_signing_alg_values_supported: algorithms },
      settings.client_id,
      { [oidc.clockTolerance]: CLOCK_TOLERANCE_S },
      authenticationOf(clientSecret, server.token_endpoint_auth_methods_supported),
    )
    client[oidc.customFetch] = customFetch
    client.timeout = TIMEOUT_S
    oidc.enableNonRepudiationChecks(client)
    if (insecure) oidc.allowInsecureRequests(client)
    return client
  }
}

/** Without a list the standard's default is basic. */
function authenticationOf(secret: string | null, methods: readonly string[] | undefined): oidc.ClientAuth {
  if (secret === null) return oidc.None()
  const isBasic = methods === undefined || methods.includes('client_secret_basic')
  return isBasic ? oidc.ClientSecretBasic(secret) : oidc.ClientSecretPost(secret)
}
