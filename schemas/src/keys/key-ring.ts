/**
 * The installation's secret keys: `id:base64 of 32 bytes`, separated by commas; the first one is active, the others still
 * open what they sealed, signed and hashed. Nothing uses a secret itself, only keys that are derived from it by purpose.
 */
import { hkdfSync } from 'node:crypto'

export interface KeyRing {
  /** Seals, signs and hashes what is new. */
  readonly activeId: string
  /** The active one first. */
  readonly ids: readonly string[]
  /**
   * 32 bytes that belong to `purpose` alone: who learns them learns nothing of other purposes.
   * @throws KeyRingError for an id that is not in the ring
   */
  derive(id: string, purpose: string): Buffer
}

/** Names the rule that was broken, never a secret. */
export class KeyRingError extends Error {
  override readonly name = 'KeyRingError'
}

const SECRET_BYTES = 32
const ID = /^[A-Za-z0-9_-]{1,32}$/
const BASE64 = /^(?:[A-Za-z0-9+/]{43}=?|[A-Za-z0-9_-]{43}=?)$/
/** Even 32 letters from 0 to f have more; random bytes have about thirty. */
const DISTINCT_BYTES_MIN = 8
const PLACEHOLDER = /change|secret|default|example|placeholder|password|insecure|ecomind|replace|12345678/i

/**
 * Takes commas and line ends as separators, so that the text may come from a file.
 * @throws KeyRingError
 */
export function readKeyRing(text: string): KeyRing {
  const entries = text
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
    .map(readEntry)
  const [active] = entries
  if (active === undefined) throw new KeyRingError('read secret keys: at least one id:base64 of 32 bytes is wanted')
  const secrets = new Map(entries)
  if (secrets.size < entries.length) throw new KeyRingError('read secret keys: an id stands there more than once')
  if (new Set(entries.map(([, secret]) => secret.toString('hex'))).size < entries.length)
    throw new KeyRingError('read secret keys: two ids have the same secret')
  return ringOf(active[0], secrets)
}

function ringOf(activeId: string, secrets: ReadonlyMap<string, Buffer>): KeyRing {
  const derived = new Map<string, Buffer>()
  return {
    activeId,
    ids: [...secrets.keys()],
    derive: (id, purpose) => {
      const name = `${id}/${purpose}`
      const known = derived.get(name)
      if (known !== undefined) return known
      const secret = secrets.get(id)
      if (secret === undefined) throw new KeyRingError(`derive key: the secret keys have no ${JSON.stringify(id)}`)
      const key = Buffer.from(hkdfSync('sha256', secret, '', `ecomind/1/${purpose}`, SECRET_BYTES))
      derived.set(name, key)
      return key
    },
  }
}

function readEntry(entry: string, place: number): readonly [string, Buffer] {
  const colon = entry.indexOf(':')
  const id = entry.slice(0, Math.max(colon, 0))
  // Without a usable id the whole entry may be a secret: only its place is told.
  if (!ID.test(id)) {
    const wanted = 'id:base64 is wanted, the id of 1 to 32 letters, digits, _ and -'
    throw new KeyRingError(`read secret key number ${place + 1}: ${wanted}`)
  }
  const encoded = entry.slice(colon + 1)
  if (!BASE64.test(encoded)) throw new KeyRingError(`read secret key ${id}: base64 of exactly 32 bytes is wanted`)
  const secret = Buffer.from(encoded, 'base64')
  if (isGuessable(secret)) {
    const advice = 'make one with: openssl rand -base64 32'
    throw new KeyRingError(`read secret key ${id}: 32 random bytes are wanted, not a default or a pattern; ${advice}`)
  }
  return [id, secret]
}

/** Placeholders, counting up or down, the same few bytes again and again. */
function isGuessable(secret: Buffer): boolean {
  if (new Set(secret).size < DISTINCT_BYTES_MIN) return true
  const steps = new Set(secret.subarray(1).map((byte, i) => byte - (secret[i] ?? 0)))
  if (steps.size === 1) return true
  return PLACEHOLDER.test(secret.toString('latin1'))
}
