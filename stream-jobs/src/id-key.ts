/**
 * The key of an event id in the dedupe index: 128 bits of SipHash-2-4 over organisation and id under the secret of the
 * index. Nobody outside knows the secret, so nobody can make his id meet another organisation's (whose event would then
 * go to the quarantine). The length of the organisation stands in front: no two pairs give the same message.
 */
import { createSipHash, HASH_AT, MESSAGE_AT, SIPHASH_KEY_BYTES } from './siphash.ts'

export const KEY_WORDS = 4
export const SECRET_BYTES = SIPHASH_KEY_BYTES

export interface IdKeys {
  /** Writes the key of one id, given as ranges of UTF-8 bytes, to the 4 words of `row`. */
  write(
    org: Uint8Array,
    orgStart: number,
    orgEnd: number,
    id: Uint8Array,
    idStart: number,
    idEnd: number,
    keys: Uint32Array,
    row: number,
  ): void
  /** The same for text. */
  writeText(orgId: string, eventId: string, keys: Uint32Array, row: number): void
}

const LENGTH_BYTES = 4
const ORG_AT = MESSAGE_AT + LENGTH_BYTES

export function createIdKeys(secret: Uint8Array): IdKeys {
  const sip = createSipHash(secret)

  const finish = (orgBytes: number, end: number, keys: Uint32Array, row: number): void => {
    const { words } = sip
    words[MESSAGE_AT / 4] = orgBytes
    sip.hash(end - MESSAGE_AT)
    const at = row * KEY_WORDS
    keys[at] = words[HASH_AT] as number
    keys[at + 1] = words[HASH_AT + 1] as number
    keys[at + 2] = words[HASH_AT + 2] as number
    keys[at + 3] = words[HASH_AT + 3] as number
  }

  return {
    write(org, orgStart, orgEnd, id, idStart, idEnd, keys, row) {
      sip.makeRoom(LENGTH_BYTES + orgEnd - orgStart + idEnd - idStart)
      const { bytes } = sip
      let at = ORG_AT
      // Byte by byte: for some forty bytes `set` with a subarray takes longer.
      for (let from = orgStart; from < orgEnd; from++) bytes[at++] = org[from] as number
      for (let from = idStart; from < idEnd; from++) bytes[at++] = id[from] as number
      finish(orgEnd - orgStart, at, keys, row)
    },
    writeText(orgId, eventId, keys, row) {
      // A UTF-16 unit is at most three bytes.
      sip.makeRoom(LENGTH_BYTES + 3 * (orgId.length + eventId.length))
      const idAt = writeUtf8(orgId, sip.bytes, ORG_AT)
      finish(idAt - ORG_AT, writeUtf8(eventId, sip.bytes, idAt), keys, row)
    },
  }
}

export function equalKeys(a: Uint32Array, aAt: number, b: Uint32Array, bAt: number): boolean {
  return a[aAt] === b[bAt] && a[aAt + 1] === b[bAt + 1] && a[aAt + 2] === b[bAt + 2] && a[aAt + 3] === b[bAt + 3]
}

const encoder = new TextEncoder()

/** Returns where it ends. */
function writeUtf8(text: string, into: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) return at + encoder.encodeInto(text, into.subarray(at)).written
    into[at + i] = code
  }
  return at + text.length
}
