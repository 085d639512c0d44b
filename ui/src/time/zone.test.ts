import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addDays, fromLocalInput, instantOf, isZone, startOfDay, toLocalInput, wallOf, zoneOffsetMs } from './zone.ts'

const HOUR_MS = 3_600_000
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/Santiago']
const anyZone = fc.constantFrom(...ZONES)
const anyInstant = fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2030, 0, 1) })

describe('zone', () => {
  test('offsets follow daylight saving and half hours', () => {
    expect(zoneOffsetMs(Date.UTC(2026, 0, 15), 'Europe/Berlin')).toBe(HOUR_MS)
    expect(zoneOffsetMs(Date.UTC(2026, 6, 15), 'Europe/Berlin')).toBe(2 * HOUR_MS)
    expect(zoneOffsetMs(Date.UTC(2026, 6, 15), 'Asia/Kolkata')).toBe(5.5 * HOUR_MS)
  })

  test('a wall time that is shown twice means its first showing', () => {
    expect(instantOf(Date.UTC(2026, 9, 25, 2, 30), 'Europe/Berlin')).toBe(Date.UTC(2026, 9, 25, 0, 30))
  })

  test('a wall time that is skipped lands as far behind the jump', () => {
    expect(instantOf(Date.UTC(2026, 2, 29, 2, 30), 'Europe/Berlin')).toBe(Date.UTC(2026, 2, 29, 1, 30))
  })

  test('a day whose midnight is skipped begins when the clocks have jumped', () => {
    // Chile sets its clocks forward at midnight: 2026-09-06 begins at 01:00.
    const start = startOfDay(Date.UTC(2026, 8, 6, 15), 'America/Santiago')
    expect(new Date(start).toISOString()).toBe('2026-09-06T04:00:00.000Z')
  })

  test('days of daylight saving have 23 and 25 hours', () => {
    const spring = startOfDay(Date.UTC(2026, 2, 29, 12), 'Europe/Berlin')
    const autumn = startOfDay(Date.UTC(2026, 9, 25, 12), 'Europe/Berlin')
    expect(addDays(spring, 1, 'Europe/Berlin') - spring).toBe(23 * HOUR_MS)
    expect(addDays(autumn, 1, 'Europe/Berlin') - autumn).toBe(25 * HOUR_MS)
  })

  test('every instant lies in its own day, and the day has one start', () => {
    fc.assert(
      fc.property(anyInstant, anyZone, (instant, zone) => {
        const start = startOfDay(instant, zone)
        const end = addDays(start, 1, zone)
        expect(start).toBeLessThanOrEqual(instant)
        expect(end).toBeGreaterThan(instant)
        expect(startOfDay(start, zone)).toBe(start)
        expect(startOfDay(end, zone)).toBe(end)
      }),
    )
  })

  test('an instant comes back from its wall time, unless an earlier one shows the same', () => {
    fc.assert(
      fc.property(anyInstant, anyZone, (instant, zone) => {
        const back = instantOf(wallOf(instant, zone), zone)
        expect(wallOf(back, zone)).toBe(wallOf(instant, zone))
        expect(back).toBeLessThanOrEqual(instant)
      }),
    )
  })

  test('a time input shows the wall clock and gives the same minute back', () => {
    const instant = Date.UTC(2026, 2, 12, 8, 30)
    expect(toLocalInput(instant, 'Europe/Berlin')).toBe('2026-03-12T09:30')
    expect(fromLocalInput('2026-03-12T09:30', 'Europe/Berlin')).toBe(instant)
    expect(fromLocalInput('', 'Europe/Berlin')).toBeNull()
  })

  test('an unknown zone is recognised as such', () => {
    expect(isZone('Europe/Berlin')).toBe(true)
    expect(isZone('Mars/Olympus')).toBe(false)
  })
})
