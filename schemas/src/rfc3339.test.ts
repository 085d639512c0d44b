import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRfc3339 } from './rfc3339.ts'

describe('parseRfc3339', () => {
  it('gives back every millisecond of the years 0 to 9999', () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date('0000-01-01T00:00:00Z'),
          max: new Date('9999-12-31T23:59:59.999Z'),
          noInvalidDate: true,
        }),
        (date) => {
          expect(parseRfc3339(date.toISOString())).toBe(date.getTime())
          expect(parseRfc3339(date.toISOString().replace(/\.\d+Z$/, 'Z'))).toBe(
            Math.floor(date.getTime() / 1000) * 1000,
          )
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('reads the usual form as it reads the same time with an offset of zero, valid or not', () => {
    const digits = (length: number) =>
      fc.string({ unit: fc.constantFrom(...'0123459'), minLength: length, maxLength: length })
    const form = fc.tuple(digits(4), digits(2), digits(2), digits(2), digits(2), digits(2), fc.option(digits(3)))
    const noise = fc.option(fc.tuple(fc.nat(23), fc.constantFrom(...'-:T.Zt /x9')), { freq: 3 })
    fc.assert(
      fc.property(form, noise, ([year, month, day, hour, minute, second, ms], change) => {
        const time = `${year}-${month}-${day}T${hour}:${minute}:${second}${ms === null ? '' : `.${ms}`}`
        const noisy = change === null ? time : time.slice(0, change[0]) + change[1] + time.slice(change[0] + 1)
        expect(parseRfc3339(`${noisy}Z`)).toBe(parseRfc3339(`${noisy}+00:00`))
      }),
      { numRuns: 20_000 },
    )
  })

  it.each([
    ['2025-09-30T12:00:00Z', '2025-09-30T12:00:00.000Z'],
    ['2025-09-30T12:00:00.123456789Z', '2025-09-30T12:00:00.123Z'],
    ['2025-09-30T12:00:00.1Z', '2025-09-30T12:00:00.100Z'],
    ['2025-09-30t12:00:00z', '2025-09-30T12:00:00.000Z'],
    ['2025-09-30 12:00:00+05:30', '2025-09-30T06:30:00.000Z'],
    ['2024-02-29T23:59:59-23:59', '2024-03-01T23:58:59.000Z'],
  ])('reads %s', (text, expected) => {
    expect(new Date(parseRfc3339(text) ?? Number.NaN).toISOString()).toBe(expected)
  })

  it.each([
    '2025-02-29T00:00:00Z',
    '2025-13-01T00:00:00Z',
    '2025-00-01T00:00:00Z',
    '2025-01-01T24:00:00Z',
    '2025-01-01T00:60:00Z',
    '2016-12-31T23:59:60Z',
    '2025-01-01T00:00:00',
    '2025-01-01',
    '2025-01-01T00:00:00+24:00',
    '2025-1-1T00:00:00Z',
    '+02025-01-01T00:00:00Z',
    ' 2025-01-01T00:00:00Z',
    '',
  ])('refuses %j', (text) => {
    expect(parseRfc3339(text)).toBeNull()
  })
})
