import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createIdKeys, KEY_WORDS } from './id-key.ts'

const secret = Uint8Array.from({ length: 16 }, (_, i) => 3 * i)
const keyOf = createIdKeys(secret)
const ofText = (org: string, id: string, from = keyOf): string => {
  const keys = new Uint32Array(3 * KEY_WORDS)
  from.writeText(org, id, keys, 1)
  expect([...keys.subarray(0, 4), ...keys.subarray(8)]).toEqual(Array(8).fill(0))
  return keys.subarray(4, 8).join()
}
const ofBytes = (org: Uint8Array, id: Uint8Array): string => {
  const keys = new Uint32Array(KEY_WORDS)
  const bytes = Uint8Array.of(9, ...org, 9, 9, ...id, 9)
  keyOf.write(bytes, 1, 1 + org.length, bytes, 3 + org.length, 3 + org.length + id.length, keys, 0)
  return keys.join()
}
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const character = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })
const text = fc.string({ unit: 'binary', maxLength: 80 })

describe('keys of ids', () => {
  it('are the same from bytes and from text', () => {
    fc.assert(fc.property(text, text, (org, id) => ofText(org, id) === ofBytes(utf8(org), utf8(id))))
  })

  it('differ wherever organisation or id differ, also when they join to the same text', () => {
    expect(ofText('org_a', 'event-1')).not.toBe(ofText('org_b', 'event-1'))
    fc.assert(
      fc.property(fc.array(character), fc.nat(20), fc.nat(20), (joined, a, b) => {
        const cuts = [a, b].map((at) => Math.min(at, joined.length))
        const [one, other] = cuts.map((at) => ofText(joined.slice(0, at).join(''), joined.slice(at).join('')))
        return (one === other) === (cuts[0] === cuts[1])
      }),
    )
  })

  it('hang on the secret', () => {
    expect(ofText('org_a', 'event-1')).not.toBe(ofText('org_a', 'event-1', createIdKeys(secret.toReversed())))
    expect(() => createIdKeys(new Uint8Array(15))).toThrow('15 bytes')
  })

  it('do not hang on what was hashed before, long ids included', () => {
    const before = ofText('org_a', 'event-1')
    expect(ofText('org_a', 'x'.repeat(100_000))).not.toBe(ofText('org_a', 'x'.repeat(100_001)))
    expect(ofText('org_a', 'event-1')).toBe(before)
  })
})
