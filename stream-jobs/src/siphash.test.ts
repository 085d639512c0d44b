import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import wabt from 'wabt'
import { createSipHash, HASH_AT, MESSAGE_AT } from './siphash.ts'
import { SIPHASH_WASM_BASE64 } from './siphash-wasm.ts'

/** Published with the algorithm (github.com/veorq/SipHash, vectors.h): key 00 01 .. 0f, message 00 01 .. length - 1. */
const PUBLISHED = [
  [0, 'a3817f04ba25a8e66df67214c7550293'],
  [1, 'da87c1d86b99af44347659119b22fc45'],
  [2, '8177228da4a45dc7fca38bdef60affe4'],
  [3, '9c70b60c5267a94e5f33b6b02985ed51'],
  [4, 'f88164c12d9c8faf7d0f6e7c7bcd5579'],
  [5, '1368875980776f8854527a07690e9627'],
  [6, '14eeca338b208613485ea0308fd7a15e'],
  [7, 'a1f1ebbed8dbc153c0b84aa61ff08239'],
  [8, '3b62a9ba6258f5610f83e264f31497b4'],
  [9, '264499060ad9baabc47f8b02bb6d71ed'],
  [15, '5493e99933b0a8117e08ec0f97cfc3d9'],
  [16, '6ee2a4ca67b054bbfd3315bf85230577'],
  [31, '2939b0183223fafc1723de4f52c43d35'],
  [32, '7c3956ca5eeafc3e363e9d556546eb68'],
  [63, '5150d1772f50834a503e069a973fbd7c'],
] as const
const key = Uint8Array.from({ length: 16 }, (_, i) => i)

describe('SipHash-2-4 with 128 bits', () => {
  it.each(PUBLISHED)('gives the published hash of %i bytes', (length, hash) => {
    const sip = createSipHash(key)
    sip.bytes.fill(0xff, MESSAGE_AT, MESSAGE_AT + 128)
    for (let i = 0; i < length; i++) sip.bytes[MESSAGE_AT + i] = i
    sip.hash(length)
    const words = sip.words.slice(HASH_AT, HASH_AT + 4)
    expect(Buffer.from(words.buffer).toString('hex')).toBe(hash)
  })

  it('hashes messages longer than its first memory, and each instance has its own key', () => {
    const long = 200_000
    const [one, same, other] = [key, key, key.toReversed()].map((k) => {
      const sip = createSipHash(k)
      sip.makeRoom(long)
      sip.bytes.fill(7, MESSAGE_AT, MESSAGE_AT + long)
      sip.hash(long)
      return sip.words.slice(HASH_AT, HASH_AT + 4).join()
    })
    expect(one).toBe(same)
    expect(one).not.toBe(other)
  })

  it('runs what siphash.wat says', async () => {
    const text = await readFile(new URL('./siphash.wat', import.meta.url), 'utf8')
    const assembled = (await wabt()).parseWat('siphash.wat', text).toBinary({}).buffer
    expect(SIPHASH_WASM_BASE64).toBe(Buffer.from(assembled).toString('base64'))
  })
})
