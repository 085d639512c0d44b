/** Keys that sign the heads of the trail: Ed25519, one for each secret key of the installation, derived from it. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { KeyRing } from '@ecomind/schemas/keys'

export interface HeadKeys {
  /** Signs what is new. */
  readonly activeId: string
  /** Base64, by the active key. */
  sign(text: string): string
  /** Null: this installation has no such key (any more). */
  isSignedBy(keyId: string, text: string, signature: string): boolean | null
  /** `publicKey`: PEM (SPKI). */
  readonly publicKeys: readonly { readonly id: string; readonly publicKey: string }[]
}

const PURPOSE = 'audit-head'
/** PKCS #8 of an Ed25519 key up to its 32 bytes, RFC 8410 section 7. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')

export function headKeysOf(ring: KeyRing): HeadKeys {
  const keys = new Map(ring.ids.map((id) => [id, pairOf(ring.derive(id, PURPOSE))]))
  const active = pairOf(ring.derive(ring.activeId, PURPOSE))
  return {
    activeId: ring.activeId,
    sign: (text) => sign(null, Buffer.from(text), active.secret).toString('base64'),
    isSignedBy: (keyId, text, signature) => {
      const pair = keys.get(keyId)
      return pair === undefined ? null : verify(null, Buffer.from(text), pair.open, Buffer.from(signature, 'base64'))
    },
    publicKeys: [...keys].map(([id, { open }]) => ({
      id,
      publicKey: open.export({ type: 'spki', format: 'pem' }).toString(),
    })),
  }
}

function pairOf(seed: Buffer): { secret: KeyObject; open: KeyObject } {
  const secret = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' })
  return { secret, open: createPublicKey(secret) }
}
