/**
 * From an API key to a principal, many times a second. What the control store says holds for a second, so that a revoked
 * key is refused everywhere within two, and for as long as the store does not answer. A key that is not known is asked for each
 * time: nothing is remembered of what clients make up.
 */
import { hashApiKey, isApiKey, type KeyRing } from '@ecomind/schemas/keys'
import type { Logger } from 'pino'
import type { Principal } from '../access/principal.ts'
import type { KeyScope } from '../access/roles.ts'
import { answering } from '../database/answering.ts'
import { type Database, DatabaseError } from '../database/database.ts'
import { noteKeyUses } from './key-store.ts'

const FRESH_MS = 1000
const USE_NOTED_MS = 60_000
const KNOWN_MAX = 10_000

interface Row {
  readonly org_id: string
  readonly id: string
  readonly scopes: readonly KeyScope[]
  readonly expires_at: Date | null
  readonly is_first: boolean
}

interface KnownKey {
  readonly principal: Extract<Principal, { kind: 'key' }>
  /** Epoch milliseconds; Infinity: never. */
  readonly expiresAtMs: number
  readAtMs: number
  usedNotedAtMs: number
}

export class KnownKeys {
  readonly #database: Database
  readonly #ring: KeyRing
  readonly #nowMs: () => number
  readonly #logger: Logger
  /** By hash. */
  readonly #known = new Map<string, KnownKey>()
  /** A row that was read before one of them may be of before it. */
  #changes = 0

  constructor(database: Database, ring: KeyRing, { nowMs, logger }: { nowMs: () => number; logger: Logger }) {
    this.#database = database
    this.#ring = ring
    this.#nowMs = nowMs
    this.#logger = logger
  }

  /** Null: not a key, not known, expired or revoked. @throws ApiError database_unavailable for one that was never read */
  async find(secret: string): Promise<Principal | null> {
    if (!isApiKey(secret)) return null
    const hashes = this.#ring.ids.map((pepperId) => hashApiKey(this.#ring, pepperId, secret))
    const known = await this.#read(hashes)
    if (known === null || known.expiresAtMs <= this.#nowMs()) return null
    this.#noteUse(known)
    return known.principal
  }

  /** After a change of keys by this process. */
  forget(): void {
    this.#changes++
    this.#known.clear()
  }

  async #read(hashes: readonly string[]): Promise<KnownKey | null> {
    const nowMs = this.#nowMs()
    const [hash, known] = this.#remembered(hashes)
    if (known !== undefined && nowMs - known.readAtMs < FRESH_MS) return known
    try {
      const changes = this.#changes
      const row = await this.#select(hashes)
      if (changes !== this.#changes) return await this.#read(hashes)
      this.#known.delete(hash)
      return row === undefined ? null : this.#remember(row, nowMs, known)
    } catch (error) {
      if (known !== undefined && error instanceof DatabaseError && error.unavailable) return known
      return await answering(() => Promise.reject(error))
    }
  }

  #remembered(hashes: readonly string[]): readonly [string, KnownKey | undefined] {
    const hash = hashes.find((h) => this.#known.has(h)) ?? ''
    return [hash, this.#known.get(hash)]
  }

  async #select(hashes: readonly string[]): Promise<(Row & { readonly hash: string }) | undefined> {
    const places = hashes.map((_, i) => `$${i + 1}`).join(', ')
    const [row] = await this.#database.query<Row & { readonly hash: string }>(
      `SELECT k.hash, k.org_id, k.id, k.scopes, k.expires_at, o.is_first
       FROM ecomind.api_keys k JOIN ecomind.organisations o ON o.id = k.org_id
       WHERE k.hash IN (${places}) AND k.revoked_at IS NULL AND o.deleted_at IS NULL`,
      hashes,
    )
    return row
  }

  #remember(row: Row & { readonly hash: string }, readAtMs: number, before: KnownKey | undefined): KnownKey {
    const known: KnownKey = {
      principal: {
        kind: 'key',
        orgId: row.org_id,
        keyId: row.id,
        scopes: row.scopes,
        ofFirstOrganisation: row.is_first,
      },
      expiresAtMs: row.expires_at?.getTime() ?? Number.POSITIVE_INFINITY,
      readAtMs,
      usedNotedAtMs: before?.usedNotedAtMs ?? 0,
    }
    this.#known.set(row.hash, known)
    const [oldest] = this.#known.keys()
    if (this.#known.size > KNOWN_MAX && oldest !== undefined) this.#known.delete(oldest)
    return known
  }

  /** At most once a minute for each key, and nobody waits for it. */
  #noteUse(known: KnownKey): void {
    const nowMs = this.#nowMs()
    if (nowMs - known.usedNotedAtMs < USE_NOTED_MS) return
    known.usedNotedAtMs = nowMs
    const { orgId, keyId } = known.principal
    noteKeyUses(this.#database, [{ org_id: orgId, key_id: keyId, used_at_ms: nowMs }]).catch((error: unknown) => {
      this.#logger.warn({ err: error, keyId }, 'the last use of a key could not be noted')
    })
  }
}
