import { describe, expect, it } from 'vitest'
import { createRollupDoubts } from './rollup-doubts.ts'

describe('rollup doubts', () => {
  it('are kept by partition and settled by day, for all that share it', () => {
    const doubts = createRollupDoubts()
    doubts.add(0, [7, 3])
    doubts.add(1, [3])
    doubts.add(2, [])
    const since = doubts.moment()
    expect([doubts.of(0), doubts.of(1), doubts.of(2), doubts.all()]).toEqual([[3, 7], [3], [], [3, 7]])
    expect(doubts.settle(3, since)).toEqual([1])
    expect([doubts.of(0), doubts.of(1)]).toEqual([[7], []])
    expect(doubts.settle(3, since)).toEqual([])
    expect(doubts.settle(7, since)).toEqual([0])
    expect(doubts.all()).toEqual([])
  })

  it('are not settled by a comparison that began before them, also when the day was doubted already', () => {
    const doubts = createRollupDoubts()
    doubts.add(0, [1])
    doubts.add(1, [1])
    const since = doubts.moment()
    doubts.add(0, [1])
    expect(doubts.settle(1, since)).toEqual([1])
    expect(doubts.of(0)).toEqual([1])
    expect(doubts.settle(1, doubts.moment())).toEqual([0])
  })

  it('go with the partition', () => {
    const doubts = createRollupDoubts()
    doubts.add(0, [1])
    doubts.add(1, [1, 2])
    doubts.drop(1)
    expect(doubts.all()).toEqual([1])
  })
})
