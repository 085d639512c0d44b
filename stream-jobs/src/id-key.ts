/**
 * The key of an event id in the dedupe index: the first 128 bits of SHA-256 over organisation and id, as 16 latin-1
 * characters. Cryptographic, so that nobody can make two ids meet; the NUL cannot stand in either part.
 */
import { hash } from 'node:crypto'

export const ID_KEY_BYTES = 16

export function idKey(orgId: string, eventId: string): string {
  return hash('sha256', `${orgId}\0${eventId}`, 'binary').slice(0, ID_KEY_BYTES)
}
