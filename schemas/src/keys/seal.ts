/**
 * Secrets at rest: AES-256-GCM under the active secret key, bound to a purpose. The sealed text names its key, so that
 * it opens for as long as that key stays in the ring.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { KeyRing } from './key-ring.ts'

/** Says nothing of the content. */
export class SealError extends Error {
  override readonly name = 'SealError'
}

const VERSION = 's1'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** `s1.<key id>.<base64url of nonce, ciphertext and tag>` */
export function seal(ring: KeyRing, purpose: string, plain: string): string {
  const id = ring.activeId
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', ring.derive(id, `seal/${purpose}`), nonce)
  cipher.setAAD(Buffer.from(`${VERSION}.${id}.${purpose}`))
  const sealed = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return `${VERSION}.${id}.${sealed.toString('base64url')}`
}

/** @throws SealError when it was sealed for another purpose, changed, or its key is no longer in the ring */
export function open(ring: KeyRing, purpose: string, sealed: string): string {
  const [version, id, encoded, ...rest] = sealed.split('.')
  if (version !== VERSION || id === undefined || encoded === undefined || rest.length > 0)
    throw new SealError('open secret: it is not a sealed text of this version')
  if (!ring.ids.includes(id)) throw new SealError(`open secret: its key ${JSON.stringify(id)} is not in the key ring`)
  const bytes = Buffer.from(encoded, 'base64url')
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new SealError('open secret: it is cut short')
  const tagAt = bytes.length - TAG_BYTES
  const key = ring.derive(id, `seal/${purpose}`)
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(`${VERSION}.${id}.${purpose}`))
  decipher.setAuthTag(bytes.subarray(tagAt))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, tagAt)), decipher.final()]).toString('utf8')
  } catch {
    throw new SealError('open secret: it was changed or sealed for another purpose')
  }
}
