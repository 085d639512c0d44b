import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PRESETS, resolvePeriod, SPAN_MIN_MS, windowFor, windowsOf } from './period.ts'
import { startOfDay } from './zone.ts'

const ZONE = 'Europe/Berlin'
const iso = (ms: number) => new Date(ms).toISOString()
const preset = (name: (typeof PRESETS)[number]) => ({ kind: 'preset', preset: name }) as const
const anyZone = fc.constantFrom('UTC', ZONE, 'America/New_York', 'Asia/Kathmandu')
const anyInstant = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2030, 0, 1) })

describe('resolvePeriod', () => {
  test('today runs from local midnight to the next quarter and compares with yesterday up to the same time', () => {
    const period = resolvePeriod(preset('today'), Date.UTC(2026, 2, 12, 14, 37), ZONE)
    expect(iso(period.fromMs)).toBe('2026-03-11T23:00:00.000Z')
    expect(iso(period.toMs)).toBe('2026-03-12T14:45:00.000Z')
    expect(iso(period.previous.fromMs)).toBe('2026-03-10T23:00:00.000Z')
    expect(iso(period.previous.toMs)).toBe('2026-03-11T14:45:00.000Z')
    expect(period.window).toBe('15m')
  })

  test('the day after the clocks went forward compares with the same wall-clock stretch', () => {
    const period = resolvePeriod(preset('today'), Date.UTC(2026, 2, 30, 10, 0), ZONE)
    expect(iso(period.fromMs)).toBe('2026-03-29T22:00:00.000Z')
    expect(iso(period.previous.fromMs)).toBe('2026-03-28T23:00:00.000Z')
    // 12:15 on both days; the 29th had one hour less until then.
    expect(period.toMs - period.fromMs - (period.previous.toMs - period.previous.fromMs)).toBe(3_600_000)
  })

  test('at midnight exactly, today already holds its first quarter', () => {
    const midnight = startOfDay(Date.UTC(2026, 2, 12, 12), ZONE)
    const period = resolvePeriod(preset('today'), midnight, ZONE)
    expect(period.toMs - period.fromMs).toBe(900_000)
  })

  test('whole days of one’s own choice compare with as many whole days', () => {
    const fromMs = startOfDay(Date.UTC(2026, 2, 29, 12), ZONE)
    const toMs = startOfDay(Date.UTC(2026, 2, 30, 12), ZONE)
    const { previous } = resolvePeriod({ kind: 'custom', fromMs, toMs }, 0, ZONE)
    expect(toMs - fromMs).toBe(23 * 3_600_000)
    expect(previous.toMs - previous.fromMs).toBe(24 * 3_600_000)
  })

  test('any preset at any moment: from before now, now before to, and the comparison comes earlier', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PRESETS), anyInstant, anyZone, (name, nowMs, zone) => {
        const { fromMs, toMs, previous } = resolvePeriod(preset(name), nowMs, zone)
        expect(fromMs).toBeLessThanOrEqual(nowMs)
        expect(toMs).toBeGreaterThan(nowMs)
        expect(previous.fromMs).toBeLessThan(fromMs)
        expect(previous.toMs).toBeGreaterThan(previous.fromMs)
      }),
    )
  })
})

describe('windowsOf', () => {
  test('windows follow each other without gap or overlap and cover the span exactly', () => {
    const anySpan = fc.integer({ min: SPAN_MIN_MS, max: 90 * 86_400_000 })
    fc.assert(
      fc.property(anyInstant, anySpan, anyZone, (fromMs, spanMs, zone) => {
        const toMs = fromMs + spanMs
        const windows = windowsOf({ fromMs, toMs }, windowFor(spanMs), zone)
        expect(windows[0]?.fromMs).toBe(fromMs)
        expect(windows.at(-1)?.toMs).toBe(toMs)
        for (const [index, window] of windows.entries()) {
          expect(window.toMs).toBeGreaterThan(window.fromMs)
          if (index > 0) expect(window.fromMs).toBe(windows[index - 1]?.toMs)
        }
        expect(windows.length).toBeLessThanOrEqual(200)
      }),
    )
  })

  test('days of a zone are cut at its midnights, 23 hours included', () => {
    const span = { fromMs: Date.UTC(2026, 2, 28, 12), toMs: Date.UTC(2026, 2, 30, 12) }
    const hours = windowsOf(span, '1d', ZONE).map((window) => (window.toMs - window.fromMs) / 3_600_000)
    expect(hours).toEqual([11, 23, 14])
  })
})
