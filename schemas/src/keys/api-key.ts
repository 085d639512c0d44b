/**
 * API keys as text: `eco_<letter>_<random>`, the letter of the widest scope, 32 random bytes in letters and digits, so
 * that a double click takes all of it and scanners for leaked secrets find it: `eco_[ira]_[0-9A-Za-z]{43}`.
 */
import { createHmac, randomBytes } from 'node:crypto'
import type { KeyRing } from './key-ring.ts'

export const API_KEY_SCOPES = ['ingest', 'read', 'admin'] as const
export type ApiKeyScope = (typeof API_KEY_SCOPES)[number]

const LETTERS = { ingest: 'i', read: 'r', admin: 'a' } as const satisfies Record<ApiKeyScope, string>
const RANDOM_BYTES = 32
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 62^43 is the first power above 2^256. */
const RANDOM_CHARACTERS = 43
/** Keys that an operator made for the first start may be written in another alphabet: at least 20 characters of it. */
const FORM = /^eco_[ira]_[A-Za-z0-9_-]{20,128}$/
/** Longest key that can be one. */
export const API_KEY_CHARACTERS_MAX = 134

/** A new key; keep its hash and hint only. @throws RangeError without a scope */
export function makeApiKey(scopes: readonly ApiKeyScope[]): string {
  const widest = API_KEY_SCOPES.findLast((scope) => scopes.includes(scope))
  if (widest === undefined) throw new RangeError('make key: at least one scope is wanted')
  return `eco_${LETTERS[widest]}_${base62(randomBytes(RANDOM_BYTES))}`
}

export const isApiKey = (text: string): boolean => FORM.test(text)

/** What is stored: hex of HMAC-SHA256 under the pepper of secret key `pepperId`. @throws KeyRingError */
export function hashApiKey(ring: KeyRing, pepperId: string, key: string): string {
  return createHmac('sha256', ring.derive(pepperId, 'pepper')).update(key).digest('hex')
}

/** Start and last four characters, to recognise a key by: `eco_i_…x7Qp`. */
export const hintOf = (key: string): string => `${key.slice(0, 6)}…${key.slice(-4)}`

function base62(bytes: Buffer): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`)
  let text = ''
  while (text.length < RANDOM_CHARACTERS) {
    text = (BASE62[Number(rest % 62n)] ?? '') + text
    rest /= 62n
  }
  return text
}
