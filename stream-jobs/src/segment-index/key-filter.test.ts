import { describe, expect, it } from 'vitest'
import { KEY_WORDS } from '../id-key.ts'
import { randomSource } from '../testing/killed-batch.ts'
import { addToFilter, createFilter, filterBlocks, siftKeys } from './key-filter.ts'

// To repeat a failed run, put the seed of its title here.
const seed = Date.now() % 1_000_000

describe(`a key filter (seed ${seed})`, () => {
  it.each([1, 42, 1000, 40_000])('of %i keys lets each of them pass and few others', (count) => {
    const random = randomSource(seed)
    const keys = Uint32Array.from({ length: 2 * count * KEY_WORDS }, () => random(2 ** 32))
    const filter = createFilter(filterBlocks(count))
    for (let row = 0; row < count; row++) addToFilter(filter, keys, row * KEY_WORDS)
    const rows = new Uint32Array(2 * count)
    const passed = [...rows.subarray(0, siftKeys(filter, keys, 2 * count, rows))]
    expect(passed.slice(0, count)).toEqual(Array.from({ length: count }, (_, row) => row))
    expect(passed.length - count).toBeLessThan(5 + count * 0.02)
  })
})
