import { GROUP_FIELDS as SCHEMA_FIELDS } from '@ecomind/schemas'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { METRICS } from '../numbers/quantity.ts'
import { PRESETS, SPAN_MAX_MS, SPAN_MIN_MS } from '../time/period.ts'
import { GROUP_FIELDS } from './group-fields.ts'
import {
  addFilter,
  BREAKDOWNS,
  decodeFilter,
  decodeView,
  encodeFilter,
  encodeView,
  NOTHING_CHOSEN,
  removeFilter,
  type ViewState,
} from './url-state.ts'

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })

const anyFilter = fc.record({
  field: fc.constantFrom(...GROUP_FIELDS),
  // Well-formed text: a lone half of a surrogate pair can't be written into any URL.
  value: fc.string({ unit: 'grapheme', maxLength: 40 }),
  exclude: fc.boolean(),
})

const anyPeriod = fc.oneof(
  fc.constantFrom(...PRESETS).map((preset) => ({ kind: 'preset' as const, preset })),
  fc
    .tuple(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: SPAN_MIN_MS, max: SPAN_MAX_MS }))
    .map(([fromMs, spanMs]) => ({ kind: 'custom' as const, fromMs, toMs: fromMs + spanMs })),
)

const anyView: fc.Arbitrary<ViewState> = fc.record({
  orgId: maybe(fc.stringMatching(/^[A-Za-z0-9_.:-]{1,64}$/)),
  period: maybe(anyPeriod),
  zone: maybe(fc.constantFrom('UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires')),
  metric: maybe(fc.constantFrom(...METRICS)),
  breakdown: maybe(fc.constantFrom(...BREAKDOWNS)),
  filters: fc.uniqueArray(anyFilter, { maxLength: 8, selector: encodeFilter }),
  compare: maybe(fc.boolean()),
  table: maybe(fc.boolean()),
  explained: maybe(
    fc.oneof(
      fc.constant({ kind: 'total' as const }),
      fc.string({ minLength: 1, maxLength: 64 }).map((eventId) => ({ kind: 'event' as const, eventId })),
    ),
  ),
})

describe('view in the URL', () => {
  test('any view comes back from its URL exactly', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        expect(decodeView(encodeView(view))).toEqual(view)
      }),
    )
  })

  test('a view in which nothing was chosen has an empty query', () => {
    expect(encodeView(NOTHING_CHOSEN)).toBe('')
    expect(decodeView('')).toEqual(NOTHING_CHOSEN)
  })

  test('a choice that equals the default is still written, since it was explicit', () => {
    expect(encodeView({ ...NOTHING_CHOSEN, metric: 'kwh', compare: false })).toBe('metric=kwh&compare=no')
  })

  test('garbage is dropped and never throws', () => {
    fc.assert(
      fc.property(fc.string(), (query) => {
        expect(() => decodeView(query)).not.toThrow()
      }),
    )
    const query =
      '?period=century&from=x&to=y&tz=Mars/Olympus&metric=joy&by=__proto__&filter=nope:1&filter=model&explain=event:'
    expect(decodeView(query)).toEqual(NOTHING_CHOSEN)
  })

  test('a period that ends before it begins, or lasts a second, is dropped', () => {
    const to = '2026-03-12T10:00:00.000Z'
    expect(decodeView(`from=2026-03-12T11:00:00.000Z&to=${to}`).period).toBeUndefined()
    expect(decodeView(`from=2026-03-12T09:59:59.000Z&to=${to}`).period).toBeUndefined()
  })

  test('a filter’s value keeps its colons and may be empty', () => {
    expect(decodeFilter('user_id:a:b:c')).toEqual({ field: 'user_id', value: 'a:b:c', exclude: false })
    expect(decodeFilter('-team_id:')).toEqual({ field: 'team_id', value: '', exclude: true })
  })

  test('leaving a value out replaces keeping it, and removing brings the list back', () => {
    const keep = { field: 'model', value: 'gpt-4o', exclude: false } as const
    const drop = { ...keep, exclude: true }
    expect(addFilter([keep], drop)).toEqual([drop])
    expect(addFilter([keep], keep)).toEqual([keep])
    expect(removeFilter([keep], keep)).toEqual([])
  })

  test('the fields are those of the schemas', () => {
    expect([...GROUP_FIELDS].sort()).toEqual([...SCHEMA_FIELDS].sort())
  })
})
