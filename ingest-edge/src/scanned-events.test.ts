/**
 * The fast scan against the way over JSON.parse: the same bytes, or the body is left to that way. Long because the one comparison
 * needs a generator for each thing that a body may hold.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ARRIVED_AT_MS, validEvent } from '../test-support/valid-event.ts'
import { checkEvents } from './check-events.ts'
import { type BodyFormat, parseBody } from './parse-body.ts'
import { type EncodableEvents, groupBuffer } from './partition-group.ts'
import { PlainEvents } from './plain-events.ts'
import { scanEvents } from './scanned-events.ts'

const EVENTS_MAX = 6
const DAY_MS = 86_400_000

function rulesFor(orgId = 'org_demo', orgIsImplied = false) {
  let given = 0
  return {
    tsMinMs: ARRIVED_AT_MS - 1096 * DAY_MS,
    tsMaxMs: ARRIVED_AT_MS + 300_000,
    orgId,
    orgIsImplied,
    newEventId: () => `01a20759-a1e5-73e7-8d91-${String(given++).padStart(12, '0')}`,
  }
}

/** All that the rest of the edge asks of events: their bytes, their partitions, their ids for the answer. */
function told(events: EncodableEvents | null) {
  if (events === null) return null
  return {
    ids: events.idsAsJson(),
    events: Array.from({ length: events.count }, (_, index) => {
      const buffer = groupBuffer(65_536)
      const end = events.encode(index, buffer, 3)
      const partitions = [1, 2, 7, 1024].map((count) => events.partitionOf(index, count))
      return { bytes: buffer.bytes.toString('hex', 3, end), partitions }
    }),
  }
}

function fast(body: Buffer, format: BodyFormat, orgId?: string, orgIsImplied?: boolean) {
  return told(scanEvents(body, format, rulesFor(orgId, orgIsImplied), EVENTS_MAX))
}

/** The way over `JSON.parse`, for requests of which every event is accepted; null for any other. */
function plain(body: Buffer, format: BodyFormat, orgId?: string, orgIsImplied?: boolean) {
  const parsed = parseBody(body, format, EVENTS_MAX)
  if (parsed.kind === 'refused') return null
  const checked = checkEvents(parsed, { ...rulesFor(orgId, orgIsImplied), plain: parsed.plain })
  if (checked.kind === 'refused' || checked.rejected.length > 0) return null
  return told(new PlainEvents(checked.accepted))
}

/** Counts how a property test went, so that one which takes or refuses everything does not pass for a test. */
function tally() {
  const seen = { taken: 0, declined: 0, refused: 0 }
  return {
    seen,
    check(body: Buffer, format: BodyFormat): void {
      const wanted = plain(body, format)
      const found = fast(body, format)
      if (found !== null) expect(found).toEqual(wanted)
      if (found !== null) seen.taken++
      else if (wanted !== null) seen.declined++
      else seen.refused++
    },
  }
}

const json = (value: unknown): string => JSON.stringify(value)
const TEXTS = ['user_id', 'provider', 'model', 'region', 'event_id', 'team_id', 'project_id']
const INTEGERS = [
  'tokens_in',
  'tokens_out',
  'tokens_cache_read',
  'tokens_cache_write',
  'tokens_reasoning',
  'latency_ms',
]

const textValue = fc.oneof(
  { weight: 6, arbitrary: fc.string({ minLength: 1, maxLength: 20 }).map(json) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }).map(json) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }).map(json) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('x', 'Ä', '€', '😀'), fc.constantFrom(7, 8, 63, 64, 65, 127, 128, 129, 255, 256, 257))
      .map(([unit, length]) => json(unit.repeat(length))),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '""',
      '"\\u0061bcdefgh"',
      '"a\\nb"',
      '"a\u007fbcdefgh"',
      '"é\u0085bcdefg"',
      '"\u00a0bcdefghi"',
      '"\\ud800"',
      '"OpenAI"',
      '"ÖPNV"',
      '"İ"',
      '"K"',
      'null',
      '1',
      '"a\tb"',
      '"a',
      "'a'",
    ),
  },
)
const numberValue = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 400 }).map(String) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 90_000_000 }).map(String) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '10000000',
      '10000001',
      '86400000',
      '86400001',
      '1e2',
      '1E2',
      '1.0',
      '1.5',
      '-0',
      '-1',
      '0',
      '00',
      '007',
      '0x10',
      '+1',
      '1.',
      '.5',
      '1e400',
      '123456789012345',
      '1234567890123456',
      '12345678901234567890123',
      '"5"',
      'null',
      'true',
      'NaN',
      '',
    ),
  },
)
const tsValue = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -1e9, max: 310_000 }).map((ms) => String(ARRIVED_AT_MS + ms)) },
  { weight: 4, arbitrary: fc.integer({ min: -1e9, max: 310_000 }).map((ms) => json(new Date(ARRIVED_AT_MS + ms))) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '"2026-11-23T12:00:00Z"',
      '"2026-11-23t12:00:00.123456+05:30"',
      '"2026-02-30T00:00:00Z"',
      '"1969-12-31T23:59:59Z"',
      '"2026-11-23"',
      '1.7955e12',
      '1795500000000.0',
      '0',
      '-1',
      '8640000000000001',
      'null',
    ),
  },
)
const tagKey = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('env', 'team', 'cost_centre', 'b', 'a', 'ab', 'x'.repeat(64)) },
  { weight: 2, arbitrary: fc.string({ minLength: 1, maxLength: 5 }) },
  { weight: 1, arbitrary: fc.constantFrom('9', '10', '', 'Prompt', 'system-prompt', '__proto__', 'ä', 'x'.repeat(65)) },
)
const tagsValue = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .array(fc.tuple(tagKey.map(json), textValue), { maxLength: 4 })
      .map((pairs) => `{${pairs.map(([key, value]) => `${key}:${value}`).join(',')}}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .integer({ min: 15, max: 17 })
      .map((count) => json(Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, String(i)])))),
  },
  { weight: 1, arbitrary: fc.constantFrom('{}', '[]', '{"a":{}}', '{"a":1}', 'null', '{"a":"b",}', '{"a" : "b" }') },
)
const member: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constantFrom(...TEXTS), textValue) },
  { weight: 8, arbitrary: fc.tuple(fc.constantFrom(...INTEGERS), numberValue) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('ts'), tsValue) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('tags'), tagsValue) },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constantFrom('source', 'tokens_source', 'service_tier'),
      fc.constantFrom('"sdk"', '"api"', '"provider"', '"estimate"', '"batch"', '"flex"', '"sdk "', '""', '1'),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constant('reasoning_separate'),
      fc.constantFrom('true', 'false', 'True', 'truex', 'null', '1'),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant('org_id'), fc.constantFrom('"org_demo"', '"org_demo2"', '"org"', '1')) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom('prompt', '__proto__', 'tokens_inn', 'token_in', 'events', '', 'Ts', 'modél'),
      textValue,
    ),
  },
)
const space = fc.oneof(
  { weight: 30, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constantFrom(' ', '\n', '\r\n', '\t', '  ', '\f', '\u00a0') },
)

/** Members in another order, some changed, some left out, some twice; white space here and there. */
const eventText = fc
  .record({
    changes: fc.array(member, { maxLength: 4 }),
    dropped: fc.oneof(
      { weight: 9, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: fc.constantFrom('ts', 'model', 'org_id') },
    ),
    repeats: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    order: fc.array(fc.nat(20), { maxLength: 3 }),
    spaces: fc.array(space, { minLength: 4, maxLength: 4 }),
  })
  .map(({ changes, dropped, repeats, order, spaces: [a = '', b = '', c = '', d = ''] }) => {
    const members = new Map(Object.entries(validEvent()).map(([key, value]) => [key, json(value)]))
    for (const [key, value] of changes) members.set(key, value)
    members.delete(dropped)
    const list = [...members, ...(repeats ? [...members].slice(0, 1) : [])]
    for (const at of order) list.push(...list.splice(at % list.length, 1))
    return `{${a}${list.map(([key, value]) => `${json(key)}${b}:${c}${value}`).join(`${d},`)}${a}}`
  })

const body: fc.Arbitrary<{ readonly text: string; readonly format: BodyFormat }> = fc
  .record({
    events: fc.array(eventText, { minLength: 1, maxLength: EVENTS_MAX + 1 }),
    form: fc.constantFrom('one', 'one', 'array', 'envelope', 'lines'),
    spaces: fc.array(space, { minLength: 3, maxLength: 3 }),
    end: fc.oneof(
      { weight: 20, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: fc.constantFrom(' ', '\n', ',', '}', ']', '{}', '\u0000', 'x', ',"more":1}') },
    ),
    start: fc.oneof(
      { weight: 20, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: fc.constantFrom('\ufeff', ' ', '[', '\u0000') },
    ),
  })
  .map(({ events, form, spaces: [a = '', b = '', c = ''], end, start }) => {
    const list = events.join(`${a},${b}`)
    const texts = {
      one: events[0] ?? '',
      array: `[${a}${list}${c}]`,
      envelope: `{${a}"events"${b}:${c}[${list}]${a}}`,
      lines: events.join(`${a}\n${b}`),
    }
    return { text: start + texts[form] + end, format: form === 'lines' ? 'ndjson' : 'json' }
  })

/** One or two events without a fault. */
const rightBody = fc
  .array(
    fc.record(
      {
        event_id: fc.string({ minLength: 8, maxLength: 12 }),
        user_id: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
        region: fc.constantFrom('eu', 'us-east-1'),
        ts: fc.constantFrom(ARRIVED_AT_MS, new Date(ARRIVED_AT_MS).toISOString()),
        tokens_reasoning: fc.nat(50),
        source: fc.constantFrom('sdk', 'api'),
        reasoning_separate: fc.boolean(),
        tags: fc.dictionary(fc.constantFrom('a', 'b', 'env'), fc.string({ maxLength: 3 })),
      },
      { requiredKeys: [] },
    ),
    { minLength: 1, maxLength: 2 },
  )
  .map((changes) => ({ text: json(changes.map((change) => validEvent(change))), format: 'json' as const }))

/** Bytes that mean something to JSON or UTF-8. */
const anyByte = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...Buffer.from('abcdefgxyzABC_0123456789')) },
  fc.constantFrom(...Buffer.from('"\\{}[],:0123456789.-+eEtfnul \n\r\t\u0000\u007f')),
  fc.constantFrom(0x80, 0x9f, 0xa0, 0xc2, 0xc3, 0xed, 0xef, 0xf0, 0xff),
  fc.nat(255),
)
const mutation = fc.record({ at: fc.nat(2000), byte: anyByte, kind: fc.constantFrom('set', 'insert', 'drop', 'cut') })

function mutate(bytes: Buffer, { at: anywhere, byte, kind }: { at: number; byte: number; kind: string }): Buffer {
  const at = anywhere % (bytes.length + 1)
  if (kind === 'cut') return bytes.subarray(0, at)
  const skip = kind === 'insert' ? 0 : 1
  const put = kind === 'drop' ? [] : [byte]
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(put), bytes.subarray(at + skip)])
}

describe('scanEvents', () => {
  it('makes the same bytes, partitions and ids as the way over JSON.parse, or leaves the body to it', () => {
    const { seen, check } = tally()
    fc.assert(
      fc.property(body, ({ text, format }) => check(Buffer.from(text), format)),
      { numRuns: 20_000 },
    )
    expect(seen.taken).toBeGreaterThan(2000)
    expect(seen.refused).toBeGreaterThan(2000)
  })

  it('does so for bodies whose bytes were changed', () => {
    const { seen, check } = tally()
    const anyBody = fc.oneof({ weight: 3, arbitrary: rightBody }, { weight: 1, arbitrary: body })
    fc.assert(
      fc.property(anyBody, fc.array(mutation, { minLength: 1, maxLength: 2 }), ({ text, format }, mutations) => {
        check(mutations.reduce(mutate, Buffer.from(text)), format)
      }),
      { numRuns: 20_000 },
    )
    expect(seen.taken).toBeGreaterThan(500)
    expect(seen.refused).toBeGreaterThan(2000)
  })

  it('takes what clients usually send', () => {
    const event = json(validEvent({ event_id: 'event-0001', region: 'eu-west-1', tags: { env: 'prod', app: 'chat' } }))
    const rich = json(
      validEvent({
        user_id: 'jürgen@example.org',
        ts: '2026-11-23T11:59:59.250Z',
        team_id: 'team_1',
        project_id: 'p',
        source: 'sdk',
        tokens_cache_read: 10,
        tokens_cache_write: 20,
        tokens_reasoning: 60,
        reasoning_separate: true,
        latency_ms: 1200,
        tokens_source: 'provider',
        service_tier: 'batch',
        tags: {},
      }),
    )
    for (const [text, format] of [
      [event, 'json'],
      [rich, 'json'],
      [`[${event},${rich}]`, 'json'],
      [`{"events": [${event}, ${rich}]}`, 'json'],
      [JSON.stringify(JSON.parse(`[${event},${rich}]`), null, 2), 'json'],
      [`${event}\n${rich}\r\n\n`, 'ndjson'],
    ] as const) {
      const found = fast(Buffer.from(text), format)
      expect(found).not.toBeNull()
      expect(found).toEqual(plain(Buffer.from(text), format))
    }
  })

  it('leaves bodies with more events than are allowed, or than it has room for, to the slow way', () => {
    const event = json(validEvent({ event_id: 'event-0001' }))
    const many = (count: number) => Buffer.from(`[${Array.from({ length: count }, () => event).join(',')}]`)
    expect(scanEvents(many(EVENTS_MAX + 1), 'json', rulesFor(), EVENTS_MAX)).toBeNull()
    expect(scanEvents(many(1024), 'json', rulesFor(), 10_000)?.count).toBe(1024)
    expect(scanEvents(many(1025), 'json', rulesFor(), 10_000)).toBeNull()
    expect(scanEvents(Buffer.from(`${event}${' '.repeat(1 << 20)}`), 'json', rulesFor(), 10)).toBeNull()
  })

  it('knows nothing of the body before', () => {
    const event = json(validEvent({ event_id: 'event-0001' }))
    expect(fast(Buffer.from(`[${event},${event}]`), 'json')).not.toBeNull()
    for (let length = 0; length < event.length; length++) {
      expect(fast(Buffer.from(event.slice(0, length)), 'json')).toBeNull()
    }
  })

  it('takes events of the organisation that is allowed only', () => {
    for (const orgId of ['o', 'or', 'org', 'org_demo', 'org"demo', 'örg']) {
      const one = Buffer.from(json(validEvent({ org_id: orgId })))
      const other = Buffer.from(json(validEvent({ org_id: `${orgId}x` })))
      expect(fast(other, 'json', orgId)).toBeNull()
      if (fast(one, 'json', orgId) !== null) expect(fast(one, 'json', orgId)).toEqual(plain(one, 'json', orgId))
    }
  })

  it('gives events without an organisation that of their key, as the slow way does, and without a key takes none', () => {
    const eventOf = (named: boolean, orgId: string, eventId: string | undefined) => {
      const { org_id: _, ...rest } = validEvent(eventId === undefined ? {} : { event_id: eventId })
      return named ? { ...rest, org_id: orgId } : rest
    }
    const seen = { mixed: 0 }
    fc.assert(
      fc.property(
        fc.constantFrom('or', 'org_demo', `org.${'x'.repeat(60)}`),
        fc.array(fc.tuple(fc.boolean(), fc.option(fc.stringMatching(/^[a-z]{8,64}$/), { nil: undefined })), {
          minLength: 1,
          maxLength: EVENTS_MAX,
        }),
        (orgId, drawn) => {
          const body = Buffer.from(json(drawn.map(([named, id]) => eventOf(named, orgId, id))))
          const wanted = plain(body, 'json', orgId, true)
          expect(wanted).not.toBeNull()
          expect(fast(body, 'json', orgId, true)).toEqual(wanted)
          const allNamed = drawn.every(([named]) => named)
          expect(fast(body, 'json', orgId, false) !== null).toBe(allNamed)
          expect(plain(body, 'json', orgId, false) !== null).toBe(allNamed)
          if (new Set(drawn.map(([named]) => named)).size === 2) seen.mixed++
        },
      ),
    )
    expect(seen.mixed).toBeGreaterThan(10)
  })

  it('asks for a larger buffer instead of writing behind the end of a small one', () => {
    const events = scanEvents(Buffer.from(json(validEvent({ user_id: 'u'.repeat(256) }))), 'json', rulesFor(), 1)
    const wanted = events?.encode(0, groupBuffer(64), 10) ?? 0
    expect(wanted).toBeLessThan(-10)
    expect(events?.encode(0, groupBuffer(-wanted), 10)).toBeGreaterThan(266)
  })
})
