import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TrendPoint } from '../numbers/trend.ts'
import { brushSpan, cursorAfterKey } from './chart-cursor.ts'

const QUARTER_MS = 900_000
const points: TrendPoint[] = Array.from({ length: 8 }, (_, index) => ({
  startMs: index * QUARTER_MS,
  endMs: (index + 1) * QUARTER_MS,
  low: 0,
  central: 0,
  high: 0,
  calls: 0,
  status: 'final',
  previous: null,
}))

describe('cursorAfterKey', () => {
  test('keys move by one, by ten and to the ends; the first key begins at the newest window', () => {
    expect(cursorAfterKey('ArrowLeft', null, 30)).toBe(29)
    expect(cursorAfterKey('ArrowLeft', 29, 30)).toBe(28)
    expect(cursorAfterKey('PageDown', 28, 30)).toBe(18)
    expect(cursorAfterKey('Home', 18, 30)).toBe(0)
    expect(cursorAfterKey('End', 0, 30)).toBe(29)
    expect(cursorAfterKey('a', 0, 30)).toBeNull()
  })

  test('whatever the key and place, the cursor stays on a window, also when windows went away', () => {
    const anyKey = fc.constantFrom('ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home', 'End')
    fc.assert(
      fc.property(anyKey, fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 300 }), (key, at, length) => {
        const next = cursorAfterKey(key, at, length) ?? -1
        expect(next).toBeGreaterThanOrEqual(0)
        expect(next).toBeLessThan(length)
      }),
    )
    expect(cursorAfterKey('Home', null, 0)).toBeNull()
  })
})

describe('brushSpan', () => {
  test('a brush takes the whole windows that it touches', () => {
    expect(brushSpan(points, QUARTER_MS * 1.5, QUARTER_MS * 3.1)).toEqual({
      fromMs: QUARTER_MS,
      toMs: QUARTER_MS * 4,
    })
  })

  test('a brush outside the data, or shorter than can be shown, is none', () => {
    expect(brushSpan(points, 1e12, 2e12)).toBeNull()
    const minutes = points.map((point, index) => ({ ...point, startMs: index * 60_000, endMs: (index + 1) * 60_000 }))
    expect(brushSpan(minutes, 0, 120_000)).toBeNull()
  })
})
