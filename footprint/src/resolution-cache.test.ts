import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ResolutionCache } from './resolution-cache.ts'

const text = fc.constantFrom('', 'a', 'b', '__proto__', 'a\0b')
const key = fc.tuple(text, text, fc.option(text), fc.option(text))

describe('ResolutionCache', () => {
  test('answers as a map of the whole key does, null being the empty text', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.nat(9)), { maxLength: 40 }), (writes) => {
        const cache = new ResolutionCache<number>(1000)
        const model = new Map<string, number>()
        for (const [k, value] of writes) {
          cache.set(...k, value)
          model.set(JSON.stringify(k.map((part) => part ?? '')), value)
        }
        for (const [k] of writes) expect(cache.get(...k)).toBe(model.get(JSON.stringify(k.map((part) => part ?? ''))))
        expect(cache.get('never', 'a', null, null)).toBeUndefined()
      }),
    )
  })

  test('begins anew beyond its limit and counts a key once', () => {
    const cache = new ResolutionCache<number>(2)
    for (const value of [1, 2, 3]) cache.set('p', 'm', null, null, value)
    cache.set('p', 'm', 'US', null, 4)
    expect(cache.get('p', 'm', '', '')).toBe(3)
    cache.set('p', 'm', 'FR', null, 5)
    expect([cache.get('p', 'm', null, null), cache.get('p', 'm', 'FR', null)]).toEqual([undefined, 5])
  })
})
