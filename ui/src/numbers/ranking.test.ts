import type { UsageAnswer } from '@ecomind/schemas'
import { describe, expect, test } from 'vitest'
import { numbersOf } from './numbers.fixture.ts'
import { rankedRows } from './ranking.ts'

function item(model: string | undefined, kwh: number): UsageAnswer['items'][number] {
  const span = { window_start: '2026-03-12T00:00:00Z', window_end: '2026-03-13T00:00:00Z', status: 'final' } as const
  return { ...span, ...(model === undefined ? {} : { model }), ...numbersOf(kwh) }
}

function answer(items: UsageAnswer['items'], compare?: UsageAnswer['items']): UsageAnswer {
  const base = { items, totals: numbersOf(10), from: '', to: '', tz: 'UTC', watermark: null }
  return compare === undefined ? base : { ...base, compare: { from: '', to: '', totals: numbersOf(1), items: compare } }
}

describe('rankedRows', () => {
  test('largest first, ties by name, a value that is not stated kept as such', () => {
    const rows = rankedRows(answer([item('b', 2), item('a', 2), item(undefined, 1), item('z', 5)]), 'model', 'kwh')
    expect(rows.map((row) => row.value)).toEqual(['z', 'a', 'b', ''])
    expect(rows.map((row) => row.share)).toEqual([0.5, 0.2, 0.2, 0.1])
    expect(rows.every((row) => row.change === null)).toBe(true)
  })

  test('the change is against the same value before; one that was not there is new', () => {
    const rows = rankedRows(answer([item('a', 3), item('b', 1)], [item('a', 2)]), 'model', 'kwh')
    expect(rows[0]?.change).toMatchObject({ kind: 'more', ratio: 0.5 })
    expect(rows[1]?.change).toEqual({ kind: 'nothing-before' })
  })

  test('a total of zero gives shares of zero, not NaN', () => {
    const rows = rankedRows({ ...answer([item('a', 0)]), totals: numbersOf(0) }, 'model', 'kwh')
    expect(rows[0]?.share).toBe(0)
  })
})
