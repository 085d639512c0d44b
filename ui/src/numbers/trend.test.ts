import type { UsageAnswer, UsageItem } from '@ecomind/schemas'
import { describe, expect, test } from 'vitest'
import { resolvePeriod } from '../time/period.ts'
import { numbersOf } from './numbers.fixture.ts'
import { periodStatus, pointText, trendPoints, trendSummary } from './trend.ts'

const ZONE = 'Europe/Berlin'

function item(fromIso: string, toIso: string, kwh: number, status: UsageItem['status'] = 'final'): UsageItem {
  return { window_start: fromIso, window_end: toIso, status, ...numbersOf(kwh) }
}

function answer(items: UsageItem[], compare?: UsageItem[]): UsageAnswer {
  const base = { items, totals: numbersOf(1), from: '', to: '', tz: ZONE, watermark: '2026-03-29T05:00:00Z' }
  return compare === undefined ? base : { ...base, compare: { from: '', to: '', totals: numbersOf(1), items: compare } }
}

/** Three hours around the hour that Berlin skips on 29 March 2026. */
const period = {
  ...resolvePeriod(
    { kind: 'custom', fromMs: Date.parse('2026-03-29T00:00:00Z'), toMs: Date.parse('2026-03-29T06:00:00Z') },
    0,
    ZONE,
  ),
  window: '1h' as const,
}

describe('trendPoints', () => {
  test('windows that the answer lacks are zero, and provisional while the watermark has not passed them', () => {
    const points = trendPoints(answer([item('2026-03-29T01:00:00Z', '2026-03-29T02:00:00Z', 2)]), 'kwh', period, ZONE)
    expect(points.map((point) => point.central)).toEqual([0, 2, 0, 0, 0, 0])
    expect(points.map((point) => point.status)).toEqual(['final', 'final', 'final', 'final', 'final', 'provisional'])
    expect(points.every((point) => point.previous === null)).toBe(true)
  })

  test('compared windows meet at the same wall-clock time across a change of clocks', () => {
    const dayBefore = { fromMs: Date.parse('2026-03-28T00:00:00Z'), toMs: Date.parse('2026-03-28T07:00:00Z') }
    // 05:00 in Berlin: 04:00 UTC the day before the change, 03:00 UTC on the day itself.
    const compared = answer([], [item('2026-03-28T04:00:00Z', '2026-03-28T05:00:00Z', 7)])
    const points = trendPoints(compared, 'kwh', { ...period, previous: dayBefore }, ZONE)
    const hit = points.find((point) => point.previous === 7)
    expect(new Date(hit?.startMs ?? 0).toISOString()).toBe('2026-03-29T03:00:00.000Z')
  })
})

describe('text of a trend', () => {
  test('one provisional window makes the period provisional, else one revised makes it revised', () => {
    expect(periodStatus(['final', 'revised', 'provisional'])).toBe('provisional')
    expect(periodStatus(['final', 'revised'])).toBe('revised')
    expect(periodStatus([])).toBe('final')
  })

  test('a point says when, how much, between what, how many calls and its state', () => {
    const [, point] = trendPoints(
      answer([item('2026-03-29T01:00:00Z', '2026-03-29T02:00:00Z', 0.002, 'revised')]),
      'kwh',
      period,
      ZONE,
    )
    if (point === undefined) throw new Error('Find the second window: it is missing')
    expect(pointText(point, 'kwh', '1h', ZONE)).toBe('29 Mar, 03:00–04:00: 2.0 Wh (1.0–4.0), 3 calls, revised')
  })

  test('the summary names the peak and the direction, and an empty period as such', () => {
    const items = [item('2026-03-29T04:00:00Z', '2026-03-29T05:00:00Z', 0.004)]
    const points = trendPoints(answer(items), 'kwh', period, ZONE)
    expect(trendSummary(points, 'kwh', '1h', ZONE)).toBe(
      'Energy per hour: the peak was 4.0 Wh (2.0–8.0) at 29 Mar, 06:00–07:00; the second half used more than the first.',
    )
    expect(trendSummary(trendPoints(answer([]), 'kwh', period, ZONE), 'kwh', '1h', ZONE)).toBe(
      'Energy per hour: no calls in this period.',
    )
  })
})
