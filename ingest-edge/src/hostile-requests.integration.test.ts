import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anyFileHolds, type EdgeFixture, readEvents, startTestEdge } from '../test-support/edge-fixture.ts'
import { ingestBytes, sendRaw } from '../test-support/raw-client.ts'
import { testEngines } from '../test-support/test-engines.ts'
import { validEvent } from '../test-support/valid-event.ts'

const CANARY = 'CANARY-5f1d-my-secret-prompt'
const JSON_TYPE = 'Content-Type: application/json'
const NDJSON_TYPE = 'Content-Type: application/x-ndjson'
const GZIP = 'Content-Encoding: gzip'
const CHUNKED = 'Transfer-Encoding: chunked'
/** What an engine says to bytes that are no request: nothing; official releases of uWebSockets.js after 20.30 a 4xx. */
const REFUSED = process.env['EDGE_UWS_DIR'] === undefined ? /^closed$/ : /^(closed|4\d\d)$/
const DAY_MS = 86_400_000

const event = (change: Record<string, unknown> = {}) => validEvent({ ts: Date.now(), ...change })
const text = (value: unknown) => JSON.stringify(value)
/** An event's text with one more member behind its own, as only a text can have it. */
const withMember = (member: string) => text(event()).replace(/\}$/, `,${member}}`)
const deep = (levels: number, inner: string) => '['.repeat(levels) + inner + ']'.repeat(levels)

interface Hostile {
  readonly name: string
  readonly body: string | Buffer
  readonly headers?: readonly string[]
  readonly status: number
  /** Code of the whole request. */
  readonly code: string
  /** Code and field of the first rejected event. */
  readonly first?: readonly [code: string, field?: string]
}

const oneBad = (name: string, body: string | Buffer, code: string, field?: string): Hostile => ({
  name,
  body,
  status: 400,
  code: 'all_rejected',
  first: field === undefined ? [code] : [code, field],
})

const HOSTILE: readonly Hostile[] = [
  // types
  { name: 'no content-type', body: text(event()), headers: [], status: 415, code: 'unsupported_media_type' },
  {
    name: 'text/plain',
    body: CANARY,
    headers: ['Content-Type: text/plain'],
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    name: 'latin1',
    body: CANARY,
    headers: [`${JSON_TYPE}; charset=iso-8859-1`],
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    name: 'form',
    body: `prompt=${CANARY}`,
    headers: ['Content-Type: application/x-www-form-urlencoded'],
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    name: 'brotli',
    body: CANARY,
    headers: [JSON_TYPE, 'Content-Encoding: br'],
    status: 415,
    code: 'unsupported_encoding',
  },
  {
    name: 'gzip twice',
    body: CANARY,
    headers: [JSON_TYPE, 'Content-Encoding: gzip, gzip'],
    status: 415,
    code: 'unsupported_encoding',
  },
  oneBad('a number as an event', '42', 'not_an_object'),
  oneBad('null as an event', 'null', 'not_an_object'),
  oneBad('a string as an event', text(CANARY), 'not_an_object'),
  oneBad('an array in an array', text([[event()]]), 'not_an_object'),
  // bodies
  { name: 'empty', body: '', status: 400, code: 'no_events' },
  { name: 'white space', body: ' \r\n ', status: 400, code: 'no_events' },
  { name: 'empty array', body: '[]', status: 400, code: 'no_events' },
  { name: 'empty envelope', body: '{"events":[]}', status: 400, code: 'no_events' },
  { name: 'empty lines', body: '\n\n \n', headers: [NDJSON_TYPE], status: 400, code: 'no_events' },
  { name: 'cut JSON', body: `{"prompt":"${CANARY}`, status: 400, code: 'malformed_json' },
  { name: 'NaN', body: withMember('"latency_ms":NaN'), status: 400, code: 'malformed_json' },
  { name: 'comment', body: `/* ${CANARY} */{}`, status: 400, code: 'malformed_json' },
  { name: 'two texts', body: `${text(event())}${text(event())}`, status: 400, code: 'malformed_json' },
  { name: 'NUL byte', body: Buffer.from('{"org_id":"a\u0000b"}'), status: 400, code: 'malformed_json' },
  { name: 'envelope of an object', body: '{"events":{}}', status: 400, code: 'field_type' },
  { name: 'envelope with more', body: text({ events: [event()], version: 1 }), status: 400, code: 'unknown_field' },
  {
    name: 'envelope with content',
    body: text({ events: [event()], Messages: CANARY }),
    status: 400,
    code: 'content_not_allowed',
  },
  { name: 'envelope twice', body: `{"events":[],"events":[${text(event())}]}`, status: 400, code: 'duplicate_key' },
  oneBad('no line is JSON', `${CANARY}`, 'malformed_json'),
  // sizes
  { name: 'a body over the limit', body: Buffer.alloc(1_048_577, 0x20), status: 413, code: 'body_too_large' },
  {
    name: 'a chunked body over the limit',
    body: `${(1_048_577).toString(16)}\r\n${' '.repeat(1_048_577)}\r\n0\r\n\r\n`,
    headers: [JSON_TYPE, 'Transfer-Encoding: chunked'],
    status: 413,
    code: 'body_too_large',
  },
  {
    name: 'content-length far over the limit',
    body: '',
    headers: [JSON_TYPE, 'Content-Length: 900000000'],
    status: 413,
    code: 'body_too_large',
  },
  {
    name: 'too many events',
    body: `[${Array.from({ length: 1001 }, () => '{}').join(',')}]`,
    status: 413,
    code: 'too_many_events',
  },
  { name: 'too many lines', body: '{}\n'.repeat(1001), headers: [NDJSON_TYPE], status: 413, code: 'too_many_events' },
  oneBad('a very long user id', text(event({ user_id: CANARY.repeat(20_000) })), 'field_range', 'user_id'),
  oneBad(
    'seventeen tags',
    text(event({ tags: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`t${i}`, 'x'])) })),
    'field_range',
    'tags',
  ),
  // encodings
  {
    name: 'zip bomb',
    body: gzipSync(Buffer.alloc(200_000_000)),
    headers: [JSON_TYPE, GZIP],
    status: 413,
    code: 'body_too_large',
  },
  { name: 'gzip that is none', body: CANARY, headers: [JSON_TYPE, GZIP], status: 400, code: 'malformed_encoding' },
  {
    name: 'cut gzip',
    body: gzipSync(text(event())).subarray(0, -4),
    headers: [JSON_TYPE, GZIP],
    status: 400,
    code: 'malformed_encoding',
  },
  {
    name: 'junk behind gzip',
    body: Buffer.concat([gzipSync(text(event())), Buffer.from(CANARY)]),
    headers: [JSON_TYPE, GZIP],
    status: 400,
    code: 'malformed_encoding',
  },
  { name: 'gzip without saying so', body: gzipSync(text(event())), status: 400, code: 'invalid_utf8' },
  { name: 'broken UTF-8', body: Buffer.from([0x22, 0xc3, 0x28, 0x22]), status: 400, code: 'invalid_utf8' },
  { name: 'overlong UTF-8', body: Buffer.from([0x22, 0xc0, 0xaf, 0x22]), status: 400, code: 'invalid_utf8' },
  { name: 'surrogate in UTF-8', body: Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), status: 400, code: 'invalid_utf8' },
  { name: 'UTF-16', body: Buffer.from(text(event()), 'utf16le'), status: 400, code: 'malformed_json' },
  // nesting
  oneBad('10,000 arrays', deep(10_000, ''), 'not_an_object'),
  oneBad('500,000 arrays', deep(500_000, ''), 'not_an_object'),
  oneBad('10,000 objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 'unknown_field', 'a'),
  oneBad(
    'content 10,000 levels deep',
    deep(10_000, `{"prompt":"${CANARY}"}`),
    'content_not_allowed',
    '0.0.0.0.0.0.0.0',
  ),
  { name: 'half of 10,000 arrays', body: '['.repeat(10_000), status: 400, code: 'malformed_json' },
  // keys
  oneBad('a key twice', withMember('"tokens_in":1'), 'duplicate_key', 'tokens_in'),
  oneBad('a key twice, once escaped', withMember('"\\u0074okens_in":1'), 'duplicate_key', 'tokens_in'),
  oneBad('a tag twice', withMember('"tags":{"a":"1","a":"2"}'), 'duplicate_key', 'tags.a'),
  oneBad('content hidden by a repeated key', withMember(`"x":{"prompt":"${CANARY}"},"x":1`), 'duplicate_key', 'x'),
  oneBad('__proto__', withMember('"__proto__":{"org_id":"org_demo"}'), 'unknown_field', '__proto__'),
  oneBad('constructor', withMember('"constructor":{"prototype":{"x":1}}'), 'unknown_field', 'constructor'),
  oneBad('__proto__ as a tag', withMember('"tags":{"__proto__":"x"}'), 'field_format', 'tags.__proto__'),
  oneBad(
    'only prototype keys',
    '{"__proto__":{"org_id":"org_demo","user_id":"u"},"toString":1}',
    'unknown_field',
    '__proto__',
  ),
  oneBad('an unknown field', withMember(`"colour":"${CANARY}"`), 'unknown_field', 'colour'),
  // values
  oneBad('a number beyond all', withMember('"latency_ms":1e999'), 'field_range', 'latency_ms'),
  oneBad('a fraction', text(event({ tokens_in: 1.5 })), 'field_range', 'tokens_in'),
  oneBad('a negative count', text(event({ tokens_out: -1 })), 'field_range', 'tokens_out'),
  oneBad('a count as a string', text(event({ tokens_in: '100' })), 'field_type', 'tokens_in'),
  oneBad('null for a field', text(event({ region: null })), 'field_type', 'region'),
  oneBad('a lone surrogate', withMember('"region":"\\ud800"'), 'field_format', 'region'),
  oneBad('a control character', withMember('"region":"a\\u0007"'), 'field_format', 'region'),
  oneBad('SQL characters in the organisation', text(event({ org_id: "x' OR 1=1 --" })), 'field_format', 'org_id'),
  oneBad('another organisation', text(event({ org_id: 'org_other' })), 'org_not_allowed', 'org_id'),
  oneBad('too far back', text(event({ ts: Date.now() - 1097 * DAY_MS })), 'ts_out_of_range', 'ts'),
  oneBad('too far ahead', text(event({ ts: Date.now() + 600_000 })), 'ts_out_of_range', 'ts'),
  oneBad('the year 275,760', text(event({ ts: 8.64e15 })), 'ts_out_of_range', 'ts'),
  oneBad('beyond time', text(event({ ts: 8.64e15 + 1 })), 'field_format', 'ts'),
  oneBad('30 February', text(event({ ts: '2026-02-30T00:00:00Z' })), 'field_format', 'ts'),
  oneBad('a local time', text(event({ ts: '2026-11-23T12:00:00' })), 'field_format', 'ts'),
  // content
  oneBad('a prompt', withMember(`"prompt":"${CANARY}"`), 'content_not_allowed', 'prompt'),
  oneBad('a prompt in capitals', withMember(`"PROMPT":"${CANARY}"`), 'content_not_allowed', 'PROMPT'),
  oneBad(
    'messages',
    withMember(`"messages":[{"role":"user","content":"${CANARY}"}]`),
    'content_not_allowed',
    'messages',
  ),
  oneBad(
    'content inside an unknown field',
    withMember(`"extra":{"a":[{"Content":"${CANARY}"}]}`),
    'content_not_allowed',
    'extra.a.0.Content',
  ),
  oneBad('content as a tag', withMember(`"tags":{"input":"${CANARY}"}`), 'content_not_allowed', 'tags.input'),
  oneBad('content in an event that is wrong anyway', `{"org_id":7,"text":"${CANARY}"}`, 'content_not_allowed', 'text'),
  // heads
  {
    name: 'gzip in transfer-encoding',
    body: `3\r\nabc\r\n0\r\n\r\n`,
    headers: [JSON_TYPE, 'Transfer-Encoding: gzip, chunked'],
    status: 415,
    code: 'unsupported_encoding',
  },
]

interface Answer {
  readonly accepted?: number
  readonly rejected?: readonly { index: number; code: string; field?: string; message: string }[]
  readonly event_ids?: readonly string[]
  readonly error?: { code: string; message: string; request_id: string }
}

describe.each(testEngines())('the edge over hostile requests, $name engine', ({ name: engine, httpEngine }) => {
  let edge: EdgeFixture
  beforeAll(async () => {
    edge = await startTestEdge({ httpEngine })
    expect(edge.edge.httpEngine).toBe(engine)
  })
  afterAll(() => edge.stop())

  it.each(HOSTILE)('answers $name with $status $code', async ({ name, body, headers, status, code, first }) => {
    const type = name === 'no line is JSON' ? [NDJSON_TYPE] : [JSON_TYPE]
    const answer = await sendRaw(edge.port, ingestBytes(body, headers ?? type))
    const parsed = JSON.parse(answer?.body ?? '{}') as Answer
    expect({ status: answer?.status, code: parsed.error?.code }).toEqual({ status, code })
    expect(parsed.error?.request_id).toBe(answer?.headers.get('x-request-id'))
    if (status === 400) expect(parsed).toMatchObject({ accepted: 0, event_ids: [] })
    else expect(Object.keys(parsed)).toEqual(['error'])
    if (first !== undefined)
      expect([parsed.rejected?.[0]?.code, parsed.rejected?.[0]?.field]).toEqual([first[0], first[1]])
    expect(answer?.body).not.toContain(CANARY)
  })

  it.each([
    [
      'content-length and chunked together',
      ingestBytes('3\r\nabc\r\n0\r\n\r\n', [JSON_TYPE, 'Content-Length: 3', CHUNKED]),
    ],
    ['a chunk size that is none', ingestBytes('zz\r\nabc\r\n', [JSON_TYPE, CHUNKED])],
    ['a negative content-length', ingestBytes('abc', [JSON_TYPE, 'Content-Length: -3'])],
    ['a list as content-length', ingestBytes('abc', [JSON_TYPE, 'Content-Length: 3, 3'])],
    ['a method in lower case', 'post /v1/ingest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n'],
    ['a method that does not exist', 'FETCH /v1/ingest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n'],
    ['no host', 'POST /v1/ingest HTTP/1.1\r\nContent-Length: 0\r\n\r\n'],
  ])('does not let %s past the HTTP engine', async (_name, bytes) => {
    const answer = await sendRaw(edge.port, bytes)
    expect(String(answer?.status ?? 'closed')).toMatch(REFUSED)
  })

  it('refuses a content-length of a terabyte', async () => {
    const answer = await sendRaw(edge.port, ingestBytes('', [JSON_TYPE, 'Content-Length: 999999999999']))
    expect(String(answer?.status ?? 'closed')).toMatch(REFUSED)
  })

  it('refuses a head that frames or encodes the body twice', async () => {
    const lengths = await sendRaw(edge.port, ingestBytes('abc', [JSON_TYPE, 'Content-Length: 3', 'Content-Length: 5']))
    expect([lengths?.status, lengths?.body.includes('malformed_request')]).toEqual([400, true])
    const encodings = await sendRaw(edge.port, ingestBytes(CANARY, [JSON_TYPE, GZIP, GZIP]))
    expect(encodings?.status).toBe(400)
  })

  it('cuts a connection with a second request before the answer to the first', async () => {
    const answer = await sendRaw(edge.port, Buffer.concat([ingestBytes(text(event())), ingestBytes(text(event()))]))
    expect(answer?.status ?? 'closed').toBe('closed')
    expect((await sendRaw(edge.port, ingestBytes(text(event()))))?.status).toBe(202)
  })

  it('takes an event behind a head of 8 KiB', async () => {
    const answer = await sendRaw(edge.port, ingestBytes(text(event()), [JSON_TYPE, `X-Long: ${'a'.repeat(8192)}`]))
    expect(answer?.status).toBe(202)
  })

  it('takes header names in any case and values in any bytes', async () => {
    const headers = ['cOnTeNt-TyPe: APPLICATION/JSON', 'X-Odd: \u00ff\u00fe', 'User-Agent: ']
    expect((await sendRaw(edge.port, ingestBytes(text(event()), headers)))?.status).toBe(202)
  })

  it('echoes a sane request id and replaces any other', async () => {
    const ask = async (id: string) =>
      (await sendRaw(edge.port, ingestBytes('', [JSON_TYPE, `X-Request-Id: ${id}`])))?.headers.get('x-request-id')
    expect(await ask('abc-1.2_3')).toBe('abc-1.2_3')
    for (const bad of [CANARY.repeat(9), 'a b', '<script>', 'é'])
      expect(await ask(bad)).toMatch(/^[0-9a-f]{12}-[0-9a-z]+$/)
  })

  it('answers under the names of this machine only, so that no page can rebind its own to it', async () => {
    for (const line of ['GET /health', 'POST /v1/ingest', 'OPTIONS /v1/ingest', 'GET /']) {
      const answer = await sendRaw(edge.port, `${line} HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n`)
      expect([answer?.status, (JSON.parse(answer?.body ?? '{}') as Answer).error?.code]).toEqual([403, 'forbidden'])
    }
  })

  it('answers addresses and methods that do not exist in JSON', async () => {
    const ask = async (line: string) => {
      const answer = await sendRaw(edge.port, `${line} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      const code = (JSON.parse(answer?.body === '' ? '{}' : (answer?.body ?? '{}')) as Answer).error?.code
      return [answer?.status, code, answer?.headers.get('allow')]
    }
    expect(await ask('GET /v1/ingest')).toEqual([405, 'method_not_allowed', 'POST, OPTIONS'])
    expect(await ask('DELETE /v1/ingest')).toEqual([405, 'method_not_allowed', 'POST, OPTIONS'])
    expect(await ask('POST /health')).toEqual([405, 'method_not_allowed', 'GET, HEAD, OPTIONS'])
    expect(await ask('OPTIONS /v1/ingest')).toEqual([204, undefined, 'POST, OPTIONS'])
    for (const path of [
      '/',
      '/v1/ingest/',
      '/v1//ingest',
      '/../../etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/v1/ingest%00',
      '/__proto__',
    ]) {
      expect(await ask(`GET ${path}`)).toEqual([404, 'not_found', undefined])
    }
  })

  it('accepts the good events of a mixed request, in their order, and tells each bad one its place', async () => {
    const body = [
      event({ event_id: 'mixed-0001' }),
      { prompt: CANARY },
      event({ event_id: 'mixed-0002' }),
      event({ event_id: 'short' }),
    ]
    const answer = await sendRaw(edge.port, ingestBytes(text(body)))
    expect(answer?.status).toBe(202)
    const parsed = JSON.parse(answer?.body ?? '{}') as Answer
    expect(parsed).toMatchObject({ accepted: 2, event_ids: ['mixed-0001', 'mixed-0002'] })
    expect(parsed.rejected?.map(({ index, code }) => [index, code])).toEqual([
      [1, 'content_not_allowed'],
      [3, 'field_range'],
    ])
    const stored = (await readEvents(edge.log)).map((e) => e.event_id)
    expect(stored).toEqual(expect.arrayContaining(['mixed-0001', 'mixed-0002']))
  })

  it('never answers random bytes with anything but a refusal', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(JSON_TYPE, NDJSON_TYPE),
        fc.boolean(),
        async (bytes, type, gzip) => {
          const answer = await sendRaw(edge.port, ingestBytes(Buffer.from(bytes), gzip ? [type, GZIP] : [type]))
          expect(answer?.status).toBe(400)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('answers a valid body with one byte changed with 202 or 400', async () => {
    const valid = Buffer.from(text([event({ event_id: 'flipped-0001', tags: { a: 'b' } })]))
    await fc.assert(
      fc.asyncProperty(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 }), async (at, byte) => {
        const changed = Buffer.from(valid)
        changed.writeUInt8(byte, at)
        expect([202, 400]).toContain((await sendRaw(edge.port, ingestBytes(changed)))?.status)
      }),
      { numRuns: 200 },
    )
  })

  it('leaves the text of refused bodies in no log line and in no file of the log', async () => {
    expect(edge.lines.join('\n')).not.toContain(CANARY)
    expect(anyFileHolds(edge.logDir, CANARY)).toBe(false)
    // The search itself works: what was accepted is found.
    expect(anyFileHolds(edge.logDir, 'mixed-0001')).toBe(true)
  })
})
