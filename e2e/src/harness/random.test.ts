import { describe, expect, it } from 'vitest'
import { createRandom } from './random.ts'

describe('createRandom', () => {
  it('gives the same choices for the same seed and others for another', () => {
    const draw = (seed: number): number[] => {
      const random = createRandom(seed)
      return Array.from({ length: 20 }, () => random.integer(0, 1_000_000))
    }
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
  })

  it('reaches both ends of a range and nothing outside', () => {
    const random = createRandom(1)
    const seen = new Set(Array.from({ length: 500 }, () => random.integer(3, 6)))
    expect([...seen].sort()).toEqual([3, 4, 5, 6])
  })

  it('shuffles without losing or doubling an item', () => {
    const items = Array.from({ length: 100 }, (_, i) => i)
    const shuffled = createRandom(2).shuffled(items)
    expect(shuffled).not.toEqual(items)
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items)
  })

  it('forks into streams that do not depend on what was drawn before', () => {
    const fresh = createRandom(3)
    const used = createRandom(3)
    used.next()
    expect(used.fork('traffic').next()).toBe(fresh.fork('traffic').next())
    expect(fresh.fork('traffic').next()).not.toBe(fresh.fork('chaos').next())
  })

  it('refuses to pick from nothing', () => {
    expect(() => createRandom(4).pick([])).toThrow(RangeError)
  })
})
