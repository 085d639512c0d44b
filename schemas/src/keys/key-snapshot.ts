/**
 * What an edge knows of keys: those that can be used, their limits, and those of their organisations. Signed by the
 * control plane with a key that edges derive from the same ring, so that neither the way nor a file can change it, and
 * numbered, so that an old one never takes the place of a newer one.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { API_KEY_SCOPES } from './api-key.ts'
import type { KeyRing } from './key-ring.ts'

const FORMAT = 1

const limit = z.number().int().positive().nullable()

const snapshotKey = z.object({
  id: z.string().min(1),
  org_id: z.string().min(1),
  /** Hex of the HMAC under the pepper of `pepper_id`. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  pepper_id: z.string().min(1),
  scopes: z.array(z.enum(API_KEY_SCOPES)),
  /** Epoch milliseconds; null: never. */
  expires_at_ms: z.number().int().nullable(),
  /** Events. */
  rate_per_second: limit,
  /** Events of a UTC day. */
  events_per_day_max: limit,
})
export type SnapshotKey = z.output<typeof snapshotKey>

const snapshotOrganisation = z.object({
  id: z.string().min(1),
  rate_per_second: limit,
  events_per_day_max: limit,
})
export type SnapshotOrganisation = z.output<typeof snapshotOrganisation>

const keySnapshot = z.object({
  /** Grows with every change. */
  revision: z.number().int().nonnegative(),
  /** RFC 3339. */
  made_at: z.string(),
  /** A key that was revoked, or whose organisation was deleted, is not there. */
  keys: z.array(snapshotKey),
  /** Those that have limits of their own. */
  organisations: z.array(snapshotOrganisation),
})
export type KeySnapshot = z.output<typeof keySnapshot>

const envelope = z.object({
  format: z.literal(FORMAT),
  key_id: z.string(),
  signature: z.string(),
  /** The snapshot as the text that was signed. */
  snapshot: z.string(),
})

/** Tells what is wrong with a snapshot, and nothing that is in it. */
export class KeySnapshotError extends Error {
  override readonly name = 'KeySnapshotError'
}

/** Under the active secret key. */
export function signKeySnapshot(ring: KeyRing, snapshot: KeySnapshot): string {
  const text = JSON.stringify(snapshot)
  const signature = macOf(ring, ring.activeId, text).toString('base64url')
  const signed: z.input<typeof envelope> = { format: FORMAT, key_id: ring.activeId, signature, snapshot: text }
  return JSON.stringify(signed)
}

/** @throws KeySnapshotError when it was not signed with a key of the ring, or has another form */
export function openKeySnapshot(ring: KeyRing, signed: string): KeySnapshot {
  const outer = envelope.safeParse(parseJson(signed))
  if (!outer.success) throw new KeySnapshotError(`open key snapshot: a signed snapshot of format ${FORMAT} is wanted`)
  const { key_id: keyId, signature, snapshot: text } = outer.data
  if (!ring.ids.includes(keyId))
    throw new KeySnapshotError(`open key snapshot: secret key ${JSON.stringify(keyId)} signed it, which is not here`)
  const wanted = macOf(ring, keyId, text)
  const given = Buffer.from(signature, 'base64url')
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
    throw new KeySnapshotError('open key snapshot: its signature is wrong')
  const inner = keySnapshot.safeParse(parseJson(text))
  if (!inner.success) throw new KeySnapshotError('open key snapshot: it lacks fields that this version needs')
  return inner.data
}

function macOf(ring: KeyRing, keyId: string, text: string): Buffer {
  return createHmac('sha256', ring.derive(keyId, 'snapshot')).update(`key-snapshot/${FORMAT}\n`).update(text).digest()
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
