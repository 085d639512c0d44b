import { describe, expect, test } from 'vitest'
import { RankingMemory } from './ranking-memory.ts'

describe('RankingMemory', () => {
  test('knows the last ranking of a question for ten minutes', () => {
    let nowMs = 0
    const memory = new RankingMemory(() => nowMs)
    expect(memory.recall('a')).toBeNull()
    memory.keep('a', ['x'])
    nowMs = 599_999
    memory.keep('b', ['y'])
    expect([memory.recall('a'), memory.recall('b')]).toEqual([['x'], ['y']])
    nowMs = 600_000
    expect([memory.recall('a'), memory.recall('b')]).toEqual([null, ['y']])
  })

  test('forgets the oldest of too many, and keeps no long lists', () => {
    const memory = new RankingMemory(() => 0)
    for (let i = 0; i <= 1000; i++) memory.keep(`${i}`, ['x'])
    expect([memory.recall('0'), memory.recall('1'), memory.recall('1000')]).toEqual([null, ['x'], ['x']])
    memory.keep('1', ['y'])
    memory.keep('new', ['z'])
    expect([memory.recall('1'), memory.recall('2')]).toEqual([['y'], null])
    memory.keep(
      '1',
      Array.from({ length: 51 }, (_, i) => `${i}`),
    )
    expect(memory.recall('1')).toBeNull()
  })
})
