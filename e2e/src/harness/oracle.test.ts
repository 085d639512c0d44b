import { describe, expect, it } from 'vitest'
import { compareWindows } from './oracle.ts'

describe('compareWindows', () => {
  const one = { calls: 1, tokens_in: 2, tokens_out: 3 }

  it('finds nothing in equal windows', () => {
    expect(compareWindows('t', new Map([[60, one]]), new Map([[60, { ...one }]]))).toEqual([])
  })

  it('finds a window that is missing, one that is too many and one with another sum', () => {
    const stored = new Map([
      [60, { ...one, tokens_out: 4 }],
      [120, one],
    ])
    const wanted = new Map([
      [60, one],
      [180, one],
    ])
    const [difference] = compareWindows('usage_1m', stored, wanted)
    expect(difference).toContain('usage_1m: 3 windows differ')
    for (const time of ['00:01:00', '00:02:00', '00:03:00']) expect(difference).toContain(time)
  })
})
