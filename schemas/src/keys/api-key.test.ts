import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { API_KEY_CHARACTERS_MAX, API_KEY_SCOPES, hashApiKey, hintOf, isApiKey, makeApiKey } from './api-key.ts'
import { edgeAuthorization, isEdgeAuthorization } from './edge-token.ts'
import { readKeyRing } from './key-ring.ts'
import { KeySnapshotError, openKeySnapshot, signKeySnapshot } from './key-snapshot.ts'

const secret = () => randomBytes(32).toString('base64')
const old = `old:${secret()}`
const ring = readKeyRing(old)
const rotated = readKeyRing(`new:${secret()},${old}`)
const stranger = readKeyRing(`old:${secret()}`)

describe('API keys', () => {
  test.each([
    [['ingest'], 'i'],
    [['read', 'ingest'], 'r'],
    [['admin', 'read', 'ingest'], 'a'],
  ] as const)('scopes %j have the letter %s', (scopes, letter) => {
    expect(makeApiKey(scopes)).toMatch(new RegExp(`^eco_${letter}_[0-9A-Za-z]{43}$`))
  })

  test('each is another, and has the form of one', () => {
    const keys = Array.from({ length: 500 }, () => makeApiKey(['ingest']))
    expect(new Set(keys).size).toBe(500)
    expect(keys.every(isApiKey)).toBe(true)
    expect(() => makeApiKey([])).toThrow(RangeError)
  })

  test('no text makes the form throw, and one that is too long is none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(isApiKey(text)).toBe(false)
        expect(isApiKey(`eco_i_${'x'.repeat(30)}${text}\0`)).toBe(false)
      }),
    )
    const longest = `eco_i_${'x'.repeat(API_KEY_CHARACTERS_MAX - 6)}`
    expect(isApiKey(longest)).toBe(true)
    expect(isApiKey(`${longest}x`)).toBe(false)
    expect(isApiKey(`${makeApiKey(['read'])}\n`)).toBe(false)
  })

  test('a hash depends on key and pepper; the hint is no more than ten characters of the key', () => {
    const key = makeApiKey(['read'])
    expect(hashApiKey(ring, 'old', key)).toMatch(/^[0-9a-f]{64}$/)
    expect(hashApiKey(rotated, 'old', key)).toBe(hashApiKey(ring, 'old', key))
    expect(hashApiKey(rotated, 'new', key)).not.toBe(hashApiKey(ring, 'old', key))
    expect(hashApiKey(ring, 'old', makeApiKey(['read']))).not.toBe(hashApiKey(ring, 'old', key))
    expect(hintOf(key)).toBe(`eco_r_…${key.slice(-4)}`)
  })
})

describe('key snapshot', () => {
  const snapshot = {
    revision: 7,
    made_at: '2026-11-26T00:00:00.000Z',
    keys: [
      {
        id: 'k',
        org_id: 'org_a',
        hash: hashApiKey(ring, 'old', makeApiKey(['ingest'])),
        pepper_id: 'old',
        scopes: [...API_KEY_SCOPES],
        expires_at_ms: null,
        rate_per_second: 5,
        events_per_day_max: null,
      },
    ],
    organisations: [{ id: 'org_a', rate_per_second: null, events_per_day_max: 1000 }],
  }

  test('opens as it was signed, also after the ring was rotated', () => {
    expect(openKeySnapshot(ring, signKeySnapshot(ring, snapshot))).toEqual(snapshot)
    expect(openKeySnapshot(rotated, signKeySnapshot(ring, snapshot))).toEqual(snapshot)
  })

  test('one of a stranger is refused, by key and by key id', () => {
    expect(() => openKeySnapshot(ring, signKeySnapshot(stranger, snapshot))).toThrow(/signature is wrong/)
    expect(() => openKeySnapshot(ring, signKeySnapshot(rotated, snapshot))).toThrow(/"new" signed it/)
  })

  test('any changed character is refused', () => {
    const signed = signKeySnapshot(ring, snapshot)
    fc.assert(
      fc.property(fc.nat(signed.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, other) => {
        fc.pre(signed[at] !== other)
        const changed = signed.slice(0, at) + other + signed.slice(at + 1)
        let opened: unknown = null
        try {
          opened = openKeySnapshot(ring, changed)
        } catch (error) {
          expect(error).toBeInstanceOf(KeySnapshotError)
          return
        }
        // The last character of base64 has bits that stand for nothing.
        expect(opened).toEqual(snapshot)
      }),
      { numRuns: 2000 },
    )
  })

  test.each(['', 'null', '{}', '[]', '{"format":2}'])('%s is refused', (text) => {
    expect(() => openKeySnapshot(ring, text)).toThrow(KeySnapshotError)
  })

  test('a rightly signed one of another form is refused', () => {
    const wrong = { ...snapshot, keys: [{ id: 'k' }] } as unknown as typeof snapshot
    expect(() => openKeySnapshot(ring, signKeySnapshot(ring, wrong))).toThrow(/lacks fields/)
  })
})

describe('edge token', () => {
  test('is known to every ring that has its secret key, and to no other', () => {
    expect(isEdgeAuthorization(ring, edgeAuthorization(ring))).toBe(true)
    expect(isEdgeAuthorization(rotated, edgeAuthorization(ring))).toBe(true)
    expect(isEdgeAuthorization(rotated, edgeAuthorization(rotated))).toBe(true)
    expect(isEdgeAuthorization(ring, edgeAuthorization(rotated))).toBe(false)
    expect(isEdgeAuthorization(ring, edgeAuthorization(stranger))).toBe(false)
    for (const text of ['', 'Bearer ', edgeAuthorization(ring).toLowerCase(), `${edgeAuthorization(ring)}x`])
      expect(isEdgeAuthorization(ring, text)).toBe(false)
  })
})
