/**
 * Making, changing, rotating and revoking keys, each with its audit entry in the same transaction. A secret leaves this
 * file once, in the answer to whoever made it; it stands in no entry, log or error.
 */
import { randomUUID } from 'node:crypto'
import { hashApiKey, hintOf, type KeyRing, makeApiKey } from '@ecomind/schemas/keys'
import type { Access } from '../access/decide.ts'
import { isRowPermission, KEY_PERMISSIONS, type KeyScope } from '../access/roles.ts'
import type { Doer } from '../audit/doer.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Queries } from '../database/database.ts'
import { ApiError, invalidParameter } from '../http/api-error.ts'
import { insertKey, lockKey, type StoredKey, updateKey } from './key-store.ts'

export interface WantedKey {
  readonly name: string
  readonly scopes: readonly KeyScope[]
  readonly ratePerSecond: number | null
  readonly eventsPerDayMax: number | null
  readonly expiresAt: Date | null
}

/** With which an organisation begins: from then on it makes its own. */
export const FIRST_KEY: WantedKey = {
  name: 'first admin key',
  scopes: ['admin'],
  ratePerSecond: null,
  eventsPerDayMax: null,
  expiresAt: null,
}

export interface MadeKey {
  readonly key: StoredKey
  /** Shown this once. */
  readonly secret: string
}

export type KeyChange = Partial<Omit<WantedKey, 'scopes'>>

/** Nobody makes a key that may more than they may themselves. @throws ApiError forbidden */
export function requireRightsOf(scopes: readonly KeyScope[], access: Access): void {
  for (const scope of scopes) {
    const lacking = [...KEY_PERMISSIONS[scope]].find((permission) =>
      isRowPermission(permission) ? access.rows(permission)?.kind !== 'all' : !access.may(permission),
    )
    if (lacking !== undefined)
      throw new ApiError('forbidden', `A key with the scope ${scope} may ${lacking}, which you may not`, {
        field: 'scopes',
      })
  }
}

/** `secret`: one that the operator chose, for the first key. */
export async function createKey(
  queries: Queries,
  ring: KeyRing,
  doer: Doer,
  orgId: string,
  wanted: WantedKey & { readonly replaces?: string },
  secret: string = makeApiKey(wanted.scopes),
): Promise<MadeKey> {
  const { replaces = null, ...rest } = wanted
  const pepperId = ring.activeId
  const key = await insertKey(queries, orgId, {
    ...rest,
    id: randomUUID(),
    hash: hashApiKey(ring, pepperId, secret),
    pepperId,
    hint: hintOf(secret),
    replaces,
    createdBy: doer.actor,
    createdAt: doer.at,
  })
  await audit(queries, doer, orgId, 'create', null, key)
  return { key, secret }
}

/** `check` sees the present state first. @throws ApiError not_found, conflict for one that is revoked, what `check` throws */
export async function changeKey(
  queries: Queries,
  doer: Doer,
  orgId: string,
  id: string,
  change: KeyChange,
  check: (present: StoredKey) => void,
): Promise<StoredKey> {
  const before = await usableKey(queries, orgId, id)
  check(before)
  const after = await updateKey(queries, orgId, { ...before, ...defined(change) })
  await audit(queries, doer, orgId, 'update', before, after)
  return after
}

/** A second time it changes nothing. @throws ApiError not_found, what `check` throws */
export async function revokeKey(
  queries: Queries,
  doer: Doer,
  orgId: string,
  id: string,
  check: (present: StoredKey) => void,
): Promise<StoredKey> {
  const before = await presentKey(queries, orgId, id)
  if (before.revokedAt !== null) return before
  check(before)
  const after = await updateKey(queries, orgId, { ...before, revokedAt: doer.at })
  await audit(queries, doer, orgId, 'revoke', before, after)
  return after
}

/**
 * A new key with the same rights; the old one ends when the overlap is over, or at its own end if that is earlier.
 * `expiresAt` undefined: the new one lives as long as the old one was meant to.
 * @throws ApiError not_found, conflict for one that is revoked or over
 */
export async function rotateKey(
  queries: Queries,
  ring: KeyRing,
  doer: Doer,
  orgId: string,
  id: string,
  { overlapSeconds, expiresAt }: { readonly overlapSeconds: number; readonly expiresAt?: Date | null | undefined },
  check: (present: StoredKey) => void,
): Promise<MadeKey> {
  const old = await usableKey(queries, orgId, id)
  if (old.expiresAt !== null && old.expiresAt <= doer.at)
    throw new ApiError('conflict', 'The key has expired; make a new one')
  check(old)
  const made = await createKey(queries, ring, doer, orgId, {
    ...old,
    expiresAt: expiresAt === undefined ? sameLifetime(old, doer.at) : expiresAt,
    replaces: old.id,
  })
  const endMs = Math.min(
    doer.at.getTime() + overlapSeconds * 1000,
    old.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
  )
  const ended = await updateKey(queries, orgId, { ...old, expiresAt: new Date(endMs) })
  await audit(queries, doer, orgId, 'rotate', old, ended)
  return made
}

const sameLifetime = ({ expiresAt, createdAt }: StoredKey, at: Date): Date | null =>
  expiresAt === null ? null : new Date(at.getTime() + expiresAt.getTime() - createdAt.getTime())

/** @throws ApiError invalid_parameter */
export function requireFuture(field: string, at: Date | null | undefined, now: Date): void {
  if (at !== null && at !== undefined && at <= now) throw invalidParameter(field, 'a time to come is wanted')
}

const defined = (change: KeyChange): KeyChange =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))

async function presentKey(queries: Queries, orgId: string, id: string): Promise<StoredKey> {
  const key = await lockKey(queries, orgId, id)
  if (key === null) throw new ApiError('not_found', 'There is no such key')
  return key
}

async function usableKey(queries: Queries, orgId: string, id: string): Promise<StoredKey> {
  const key = await presentKey(queries, orgId, id)
  if (key.revokedAt !== null) throw new ApiError('conflict', 'The key is revoked')
  return key
}

async function audit(
  queries: Queries,
  doer: Doer,
  orgId: string,
  action: string,
  before: StoredKey | null,
  after: StoredKey,
): Promise<void> {
  const entry = { orgId, action, resourceType: 'key', resourceId: after.id }
  const shown = before === null ? null : shownKey(before)
  await recordAudit(queries, doer, { ...entry, before: shown, after: shownKey(after) })
}

/** As answers and the audit show it: without its hash. */
export function shownKey(key: StoredKey) {
  const time = (at: Date | null) => at?.toISOString() ?? null
  return {
    id: key.id,
    name: key.name,
    hint: key.hint,
    scopes: key.scopes,
    rate_per_second: key.ratePerSecond,
    events_per_day_max: key.eventsPerDayMax,
    replaces: key.replaces,
    expires_at: time(key.expiresAt),
    last_used_at: time(key.lastUsedAt),
    version: key.version,
    created_by: key.createdBy,
    created_at: key.createdAt.toISOString(),
    revoked_at: time(key.revokedAt),
  }
}
