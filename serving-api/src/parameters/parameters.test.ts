import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ApiError } from '../http/api-error.ts'
import { comparePeriod } from '../usage/compare-period.ts'
import { readCursor, writeCursor } from './cursor.ts'
import { parseFilter } from './filters.ts'
import { ownerFilters } from './owner-filters.ts'
import { parsePoint, periodOf } from './times.ts'

describe('parseFilter', () => {
  test.each([
    ['model:gpt-4o', { field: 'model', keep: true, value: 'gpt-4o' }],
    ['-model:gpt-4o', { field: 'model', keep: false, value: 'gpt-4o' }],
    ['model:ft:gpt-4o:acme', { field: 'model', keep: true, value: 'ft:gpt-4o:acme' }],
    ['team:', { field: 'team_id', keep: true, value: '' }],
    ['-user:-a', { field: 'user_id', keep: false, value: '-a' }],
    ['provider:OpenAI', { field: 'provider', keep: true, value: 'openai' }],
  ])('%s', (text, filter) => {
    expect(parseFilter(text)).toEqual(filter)
  })
  test('takes every user id that can be stored: 256 characters, however many code units they have', () => {
    expect(parseFilter(`user:${'\u{1F331}'.repeat(256)}`)).toMatchObject({ field: 'user_id' })
    expect(parseFilter(`user:${'\u{1F331}'.repeat(257)}`)).toBeTypeOf('string')
  })
  test.each(['', 'model', ':x', '--model:x', 'org_id:other', 'constructor:x', 'toString:x'])('refuses %j', (text) => {
    expect(parseFilter(text)).toBeTypeOf('string')
  })
})

describe('ownerFilters', () => {
  test('a user that the filters leave out matches nothing', () => {
    const filters = ownerFilters({ user_id: 'a', filter: [{ field: 'user_id', keep: true, value: 'b' }] })
    expect(filters).toEqual([
      { field: 'user_id', keep: true, value: 'a' },
      { field: 'user_id', keep: false, value: 'a' },
    ])
  })
  test('a user among the kept ones narrows to that user', () => {
    const kept = ['a', 'b'].map((value) => ({ field: 'user_id' as const, keep: true, value }))
    expect(ownerFilters({ user_id: 'a', filter: kept })).toEqual([{ field: 'user_id', keep: true, value: 'a' }])
  })
})

describe('parsePoint', () => {
  test('a plus sign that became a space is still an offset', () => {
    const wanted = { kind: 'instant', ms: Date.UTC(2025, 8, 30, 10) }
    expect(parsePoint('2025-09-30T12:00:00+02:00')).toEqual(wanted)
    expect(parsePoint('2025-09-30T12:00:00 02:00')).toEqual(wanted)
    expect(parsePoint('2025-09-30T12:00:00.000 02:00')).toEqual(wanted)
  })
  test.each(['1999-12-31', '2100-01-02', '2025-09-30T24:00:00Z', '1759190400', '2025-09-30T12:00', ''])(
    'refuses %j',
    (text) => {
      expect(parsePoint(text)).toBeTypeOf('string')
    },
  )
  test('a date is the start of that day in the zone', () => {
    const from = parsePoint('2025-03-30')
    const to = parsePoint('2025-03-31')
    if (typeof from === 'string' || typeof to === 'string') throw new Error('no points')
    const period = periodOf(from, to, 'Europe/Berlin')
    expect(period.toMs - period.fromMs).toBe(23 * 3_600_000)
  })
})

describe('comparePeriod', () => {
  test('previous of whole days is as many whole days, of anything else the same length', () => {
    const day = { fromMs: Date.parse('2025-03-30T23:00:00Z') - 3_600_000, toMs: Date.parse('2025-03-31T22:00:00Z') }
    expect(comparePeriod('previous', day, 'Europe/Berlin')).toEqual({
      fromMs: Date.parse('2025-03-29T23:00:00Z'),
      toMs: day.fromMs,
    })
    expect(comparePeriod('previous', day, 'UTC')).toEqual({ fromMs: day.fromMs - 24 * 3_600_000, toMs: day.fromMs })
  })
})

describe('cursor', () => {
  const at = z.strictObject({ n: z.number() })
  test('comes back as it was written', () => {
    expect(readCursor('events', 'org_demo', at, writeCursor('events', 'org_demo', { n: 7 }))).toEqual({ n: 7 })
  })
  test.each([
    ['of another organisation', writeCursor('events', 'other', { n: 7 }), 'not_found'],
    ['of another list', writeCursor('quarantine', 'org_demo', { n: 7 }), 'invalid_parameter'],
    ['of another shape', writeCursor('events', 'org_demo', { n: '7' }), 'invalid_parameter'],
    ['that is no JSON', 'e30x', 'invalid_parameter'],
    ['that is no base64url', '***', 'invalid_parameter'],
  ])('one %s is refused', (_name, text, code) => {
    expect(() => readCursor('events', 'org_demo', at, text)).toThrow(ApiError)
    try {
      readCursor('events', 'org_demo', at, text)
    } catch (error) {
      expect((error as ApiError).code).toBe(code)
    }
  })
})
