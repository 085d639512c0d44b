/** Random tokens that are shown once and compared by their hash. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const TOKEN_BYTES = 32
/** base64url of 32 bytes. */
const TOKEN_FORM = /^[A-Za-z0-9_-]{43}$/

export const newToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url')
export const newId = (prefix: string): string => `${prefix}_${randomBytes(15).toString('base64url')}`
export const isToken = (text: string): boolean => TOKEN_FORM.test(text)

/** Hex SHA-256. Enough for a random token of 256 bits; passwords get argon2id. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex')

/** A second token that only the holder of the first can know, for another purpose. */
export const derivedToken = (token: string, purpose: string): string =>
  createHmac('sha256', token).update(purpose).digest('base64url')

/** In a time that doesn't depend on where they differ. */
export function isSameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
