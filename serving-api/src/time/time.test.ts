import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { dayNumberAt, dayStart, daysBetween, formatDay, localDay, parseDay } from './days.ts'
import { coarsestGrainMs, coverPeriod } from './grain-cover.ts'
import { bucketingOf, windowsOf } from './windows.ts'
import { DAY_MS, isTimeZone, offsetAt, offsetSpans } from './zone.ts'

vi.setConfig({ testTimeout: 60_000 })

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Santiago',
  'America/Havana',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Asia/Beirut',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'Pacific/Chatham',
]
const SEED = 20_250_930
const zone = fc.constantFrom(...ZONES)
const instant = fc.integer({ min: Date.UTC(2011, 0, 1), max: Date.UTC(2030, 0, 1) })
const params = { seed: SEED, numRuns: 200 }

/** The date by Intl alone, without our arithmetic. */
const dateByIntl = (tz: string, ms: number): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: tz, dateStyle: 'short' }).format(ms)

describe('zone', () => {
  test.each(['UTC', 'Europe/Berlin', 'america/new_york', 'Etc/GMT+5'])('isTimeZone knows %s', (name) => {
    expect(isTimeZone(name)).toBe(true)
  })
  test.each(['', 'Mars/Olympus', "UTC'", 'UTC\0', '+05:30', '../etc/passwd', 'a'.repeat(65), 'local', '__proto__'])(
    'isTimeZone refuses %j',
    (name) => {
      expect(isTimeZone(name)).toBe(false)
    },
  )
  test(`offsetSpans gives the offset of every instant (seed ${SEED})`, () => {
    fc.assert(
      fc.property(
        zone,
        instant,
        fc.integer({ min: 1, max: 800 * DAY_MS }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (tz, fromMs, lengthMs, at) => {
          const spans = offsetSpans(tz, fromMs, fromMs + lengthMs)
          const probeMs = fromMs + Math.floor(at * (lengthMs - 1))
          const span = spans.findLast((s) => s.startMs <= probeMs)
          expect(span?.offsetMs).toBe(offsetAt(tz, probeMs))
        },
      ),
      params,
    )
  })
})

describe('days', () => {
  test(`a day starts at the first instant of its date (seed ${SEED})`, () => {
    fc.assert(
      fc.property(zone, instant, (tz, ms) => {
        const day = dayNumberAt(tz, ms)
        expect(formatDay(day)).toBe(dateByIntl(tz, ms))
        const { startMs, endMs } = localDay(tz, day)
        expect(ms).toBeGreaterThanOrEqual(startMs)
        expect(ms).toBeLessThan(endMs)
        expect(dateByIntl(tz, startMs)).toBe(formatDay(day))
        expect(dateByIntl(tz, startMs - 1)).not.toBe(formatDay(day))
      }),
      params,
    )
  })
  test(`daysBetween tiles any period (seed ${SEED})`, () => {
    fc.assert(
      fc.property(zone, instant, fc.integer({ min: 1, max: 400 * DAY_MS }), (tz, fromMs, lengthMs) => {
        const days = daysBetween(tz, fromMs, fromMs + lengthMs)
        expect(days[0]?.startMs).toBe(fromMs)
        expect(days.at(-1)?.endMs).toBe(fromMs + lengthMs)
        for (const [i, d] of days.slice(1).entries()) expect(d.startMs).toBe(days[i]?.endMs)
        for (const d of days) expect(dayNumberAt(tz, d.startMs)).toBe(d.day)
      }),
      params,
    )
  })
  test('a date that the zone skipped has no time in it', () => {
    const day = parseDay('2011-12-30') ?? 0
    expect(localDay('Pacific/Apia', day)).toMatchObject({ startMs: dayStart('Pacific/Apia', day + 1) })
  })
  test.each(['2025-02-29', '2025-13-01', '2025-1-1', '', '2025-01-01T00:00:00Z', '99999-01-01'])(
    'parseDay refuses %j',
    (text) => {
      expect(parseDay(text)).toBeNull()
    },
  )
})

describe('windowsOf and coverPeriod', () => {
  const window = fc.constantFrom('1m' as const, '15m' as const, '1h' as const, '1d' as const, undefined)
  test(`windows tile the period and the segments of the cover do too (seed ${SEED})`, () => {
    fc.assert(
      fc.property(zone, instant, fc.integer({ min: 1, max: 3 * DAY_MS }), window, (tz, fromMs, lengthMs, size) => {
        const period = { fromMs, toMs: fromMs + lengthMs }
        const segments = coverPeriod(period, coarsestGrainMs(size, tz, period))
        for (const parts of [windowsOf(size, tz, period), segments]) {
          expect(parts[0]?.fromMs).toBe(period.fromMs)
          expect(parts.at(-1)?.toMs).toBe(period.toMs)
          expect(parts.find((p, i) => i > 0 && p.fromMs !== parts[i - 1]?.toMs)).toBeUndefined()
        }
      }),
      params,
    )
  })
  test(`no row of a chosen rollup lies across two windows (seed ${SEED})`, () => {
    const grainMs = { usage_1d: DAY_MS, usage_1h: 3_600_000, usage_15m: 900_000, usage_1m: 60_000, usage_events: 1 }
    fc.assert(
      fc.property(zone, instant, fc.integer({ min: 1, max: 10 * DAY_MS }), window, (tz, fromMs, lengthMs, size) => {
        const period = { fromMs, toMs: fromMs + lengthMs }
        const boundaries = windowsOf(size, tz, period).map((w) => w.fromMs)
        for (const s of coverPeriod(period, coarsestGrainMs(size, tz, period))) {
          const grain = grainMs[s.table]
          expect([s.fromMs % grain, s.toMs % grain]).toEqual([0, 0])
          expect(boundaries.find((b) => b > s.fromMs && b < s.toMs && b % grain !== 0)).toBeUndefined()
        }
      }),
      params,
    )
  })
  test.each([
    ['UTC', 'usage_1d'],
    ['Europe/Berlin', 'usage_1h'],
    ['Asia/Kolkata', 'usage_15m'],
    ['Asia/Kathmandu', 'usage_15m'],
    ['Australia/Lord_Howe', 'usage_15m'],
  ])('whole days of %s are read from %s', (tz, table) => {
    const day = parseDay('2025-10-01') ?? 0
    const period = { fromMs: dayStart(tz, day), toMs: dayStart(tz, day + 7) }
    expect(coverPeriod(period, coarsestGrainMs('1d', tz, period)).map((s) => s.table)).toEqual([table])
  })
  test('ragged ends are read from ever finer tables', () => {
    const period = { fromMs: Date.parse('2025-10-01T22:59:59.999Z'), toMs: Date.parse('2025-10-03T01:16:00Z') }
    expect(coverPeriod(period, DAY_MS).map((s) => s.table)).toEqual([
      'usage_events',
      'usage_1h',
      'usage_1d',
      'usage_1h',
      'usage_15m',
      'usage_1m',
    ])
  })
  test('the whole period is one bucket', () => {
    expect(bucketingOf(undefined, 'UTC', { fromMs: 0, toMs: 1 })).toEqual({ kind: 'whole' })
  })
})
