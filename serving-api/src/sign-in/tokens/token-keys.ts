/** Public keys of token issuers, fetched when they are needed and kept for ten minutes. */
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose'
import type { GuardedFetch } from '../../outbound/guarded-fetch.ts'

const KEPT_MS = 600_000
/** An unknown key id asks the issuer again no oftener than this. */
const COOLDOWN_MS = 30_000
const TIMEOUT_MS = 5_000
const SETS_MAX = 500

export class TokenKeys {
  readonly #fetch: GuardedFetch
  readonly #sets = new Map<string, JWTVerifyGetKey>()

  constructor(fetch: GuardedFetch) {
    this.#fetch = fetch
  }

  keysAt(jwksUri: string): JWTVerifyGetKey {
    const known = this.#sets.get(jwksUri)
    if (known !== undefined) return known
    if (this.#sets.size >= SETS_MAX) this.#sets.clear()
    const set = createRemoteJWKSet(new URL(jwksUri), {
      cacheMaxAge: KEPT_MS,
      cooldownDuration: COOLDOWN_MS,
      timeoutDuration: TIMEOUT_MS,
      [customFetch]: (url, { headers, method, signal }) => this.#fetch(url, { headers, method, signal }),
    })
    this.#sets.set(jwksUri, set)
    return set
  }
}
