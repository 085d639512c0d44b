import { describe, expect, it } from 'vitest'
import { type Measured, onlyOn, ratiosOf, table } from './ratios.ts'

const rate = (value: number): Measured => ({ figure: 'rate', value, unit: 'events per CPU-second' })
const time = (value: number): Measured => ({ figure: 'time', value, unit: 'ms' })

describe('ratiosOf', () => {
  it('takes the median of the ratios of each turn, not the ratio of the medians', () => {
    // The machine was twice as fast in the second turn; both sides met it.
    const turns = [
      { base: [rate(100)], here: [rate(150)] },
      { base: [rate(200)], here: [rate(300)] },
      { base: [rate(100)], here: [rate(120)] },
    ]
    expect(ratiosOf(turns)).toEqual([
      {
        figure: 'rate',
        unit: 'events per CPU-second',
        base: 100,
        here: 150,
        ratio: 1.5,
        spread: [1.2, 1.5],
        verdict: 'better',
      },
    ])
  })

  it('knows of which units less is better', () => {
    const verdict = (make: typeof rate, here: number) => {
      const turn = { base: [make(100)], here: [make(here)] }
      return ratiosOf([turn, turn, turn])[0]?.verdict
    }
    expect(verdict(rate, 110)).toBe('better')
    expect(verdict(rate, 90)).toBe('worse')
    expect(verdict(time, 110)).toBe('worse')
    expect(verdict(time, 90)).toBe('better')
    expect(verdict(time, 102)).toBe('unclear')
    expect(verdict(time, 0)).toBe('better')
  })

  it('claims nothing when turns disagree, are too few, or can not be divided', () => {
    const verdict = (...pairs: [number, number][]) =>
      ratiosOf(pairs.map(([base, here]) => ({ base: [rate(base)], here: [rate(here)] })))[0]?.verdict
    expect(verdict([100, 120], [100, 120])).toBe('unclear')
    expect(verdict([100, 150], [100, 150], [100, 101])).toBe('unclear')
    expect(verdict([0, 0], [0, 0], [0, 0])).toBe('unclear')
    expect(verdict([100, 150], [100, 120], [100, 104])).toBe('better')
  })

  it('leaves out what one side lacks, and says which', () => {
    const turns = [{ base: [rate(1)], here: [rate(1), time(1)] }]
    expect(ratiosOf(turns).map((r) => r.figure)).toEqual(['rate'])
    expect(onlyOn('here', turns)).toEqual(['time'])
    expect(onlyOn('base', turns)).toEqual([])
  })

  it('pairs the turns in which both sides gave the figure', () => {
    const turns = [
      { base: [], here: [rate(10)] },
      { base: [rate(10)], here: [rate(20)] },
    ]
    expect(ratiosOf(turns)[0]).toMatchObject({ ratio: 2, base: 10, here: 20 })
  })
})

it('table lines its columns up', () => {
  const lines = table(ratiosOf(Array(3).fill({ base: [rate(100), time(10)], here: [rate(200), time(20)] }))).split('\n')
  expect(lines).toHaveLength(3)
  expect(new Set(lines.map((line) => line.search(/base|100|10 /))).size).toBe(1)
  expect(lines[1]).toContain('2.000')
  expect(lines[1]).toMatch(/better$/)
  expect(lines[2]).toMatch(/worse$/)
})
