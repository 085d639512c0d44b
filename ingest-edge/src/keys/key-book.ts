/**
 * Decides by key. A key's HMAC is computed once: after that the header as it was sent leads to the answer. Only headers
 * of keys that exist are remembered, and only so many, so no client can make memory grow.
 */
import { API_KEY_CHARACTERS_MAX, hashApiKey, isApiKey, type KeyRing, type KeySnapshot } from '@ecomind/schemas/keys'
import type { Authorise, Grant } from '../authorise.ts'
import type { Refusal } from '../errors.ts'
import type { Budget } from '../limits/account.ts'
import type { Accounts } from '../limits/accounts.ts'

interface BookedKey {
  readonly orgId: string
  readonly keyId: string
  readonly answer: Grant
  /** Epoch milliseconds; Infinity: never. */
  readonly expiresAtMs: number
  /** Epoch milliseconds; 0: not since this process started. */
  usedAtMs: number
}

export interface KeyUse {
  readonly org_id: string
  readonly key_id: string
  readonly used_at_ms: number
}

const HEADERS_MAX = 20_000
const SCHEME = /^bearer +/i
/** `Bearer`, and some spaces. */
const HEADER_CHARACTERS_MAX = API_KEY_CHARACTERS_MAX + 16

export class KeyBook {
  readonly #ring: KeyRing
  readonly #accounts: Accounts
  /** Null until the first snapshot. */
  #byHash: ReadonlyMap<string, BookedKey> | null = null
  readonly #byHeader = new Map<string, BookedKey>()

  constructor(ring: KeyRing, accounts: Accounts) {
    this.#ring = ring
    this.#accounts = accounts
  }

  /** Keys that can be used, as far as this edge knows; null before it knows any. */
  get size(): number | null {
    return this.#byHash?.size ?? null
  }

  replace(snapshot: KeySnapshot, nowMs: number): void {
    const before = this.#byHash
    const budgetOf = this.#accounts.replace(snapshot, nowMs)
    this.#byHash = new Map(
      snapshot.keys.map((key) => {
        const maySend = key.scopes.includes('ingest')
        const answer: Grant = maySend ? grantOf(key.org_id, budgetOf(key)) : WITHOUT_RIGHT
        const usedAtMs = before?.get(key.hash)?.usedAtMs ?? 0
        const expiresAtMs = key.expires_at_ms ?? Number.POSITIVE_INFINITY
        return [key.hash, { orgId: key.org_id, keyId: key.id, answer, expiresAtMs, usedAtMs }]
      }),
    )
    this.#byHeader.clear()
  }

  readonly authorise: Authorise = (authorization, nowMs) => {
    const key = this.#byHeader.get(authorization) ?? this.#find(authorization)
    if (key === null) return this.#byHash === null ? NO_SNAPSHOT : authorization === '' ? WITHOUT_KEY : UNKNOWN
    if (key.expiresAtMs <= nowMs) return UNKNOWN
    key.usedAtMs = nowMs
    return key.answer
  }

  /** Keys that were used at or after a time. */
  usesSince(ms: number): KeyUse[] {
    const uses: KeyUse[] = []
    for (const { orgId, keyId, usedAtMs } of this.#byHash?.values() ?? []) {
      if (usedAtMs >= ms && usedAtMs > 0) uses.push({ org_id: orgId, key_id: keyId, used_at_ms: usedAtMs })
    }
    return uses
  }

  #find(authorization: string): BookedKey | null {
    if (this.#byHash === null || authorization.length > HEADER_CHARACTERS_MAX) return null
    const secret = authorization.replace(SCHEME, '')
    if (secret.length === authorization.length || !isApiKey(secret)) return null
    for (const pepperId of this.#ring.ids) {
      const key = this.#byHash.get(hashApiKey(this.#ring, pepperId, secret))
      if (key === undefined) continue
      if (this.#byHeader.size >= HEADERS_MAX) this.#byHeader.clear()
      this.#byHeader.set(authorization, key)
      return key
    }
    return null
  }
}

const grantOf = (orgId: string, budget: Budget | null): Grant => ({
  kind: 'granted',
  orgId,
  orgIsImplied: true,
  budget,
})
const refused = (refusal: Refusal): Grant => ({ kind: 'refused', refusal })
const CHALLENGE = ['www-authenticate', 'Bearer realm="ecomind"']

const WITHOUT_KEY = refused({
  code: 'unauthorized',
  message: 'read authorization: an ingest key is wanted, as in "Authorization: Bearer eco_i_..."',
  headers: CHALLENGE,
})
const UNKNOWN = refused({
  code: 'unauthorized',
  message: 'read authorization: this is no key that is valid now: unknown, expired or revoked',
  headers: CHALLENGE,
})
const WITHOUT_RIGHT = refused({
  code: 'forbidden',
  message: 'check key: it lacks the scope ingest; a key with that scope may send events',
})
const NO_SNAPSHOT = refused({
  code: 'keys_unavailable',
  message: 'check key: this edge has not got the keys from the control plane yet; send it again',
  retryAfterSeconds: 2,
})
