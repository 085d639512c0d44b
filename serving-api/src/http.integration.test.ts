import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClickHouseError } from '@ecomind/clickhouse'
import { errorBody, health } from '@ecomind/schemas'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from './testing/eventually.ts'
import { FakeClickHouse } from './testing/fake-clickhouse.ts'
import { startTestApi, type TestApi } from './testing/test-api.ts'

const clickhouse = new FakeClickHouse()
const SECRET = 'must never be served'
let dir: string
let api: TestApi

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-http-'))
  const uiDir = join(dir, 'ui')
  await mkdir(join(uiDir, 'assets'), { recursive: true })
  await writeFile(join(dir, 'secret.txt'), SECRET)
  await writeFile(join(uiDir, '.hidden'), SECRET)
  await writeFile(
    join(uiDir, 'index.html'),
    '<!doctype html><title>Ecomind</title><meta name="ecomind-edge-url" content="" />',
  )
  await writeFile(join(uiDir, 'assets', 'index-Ab12Cd34.js'), 'export {}')
  api = await startTestApi(clickhouse, { uiDir, edgeUrl: 'http://localhost:8080/"><b>' }, { requestsMax: 2 })
})

afterAll(async () => {
  await api?.stop()
  await rm(dir, { recursive: true, force: true })
})

beforeEach(() => {
  clickhouse.answer = () => []
  clickhouse.asked.length = 0
})

/** Sends bytes as they are and gives the answer's text: what fetch would repair stays broken. */
async function sendRaw(head: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(api.port, '127.0.0.1', () => socket.write(head))
    socket.setEncoding('utf8')
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
  })
}

async function sendRawPath(path: string): Promise<string> {
  return await sendRaw(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
}

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])

describe('refusals', () => {
  const org = 'org_id=org_demo'
  const period = 'from=2025-09-01&to=2025-09-02'
  test.each([
    ['/v1/today', 400, 'invalid_parameter', 'org_id'],
    ['/v1/today?org_id=', 400, 'invalid_parameter', 'org_id'],
    ["/v1/today?org_id=' OR 1=1 --", 400, 'invalid_parameter', 'org_id'],
    [`/v1/today?org_id=${'a'.repeat(65)}`, 400, 'invalid_parameter', 'org_id'],
    ['/v1/today?org_id=org_other', 404, 'not_found', 'org_id'],
    ['/v1/today?org_id=org_demo&org_id=org_demo', 400, 'invalid_parameter', 'org_id'],
    [`/v1/today?${org}&colour=red`, 400, 'invalid_parameter', 'colour'],
    [`/v1/today?${org}&__proto__=1`, 400, 'invalid_parameter', '__proto__'],
    [`/v1/today?${org}&constructor=1`, 400, 'invalid_parameter', 'constructor'],
    [`/v1/today?${org}&tz=Mars/Olympus`, 400, 'invalid_parameter', 'tz'],
    [`/v1/today?${org}&tz=Europe/Berlin'`, 400, 'invalid_parameter', 'tz'],
    [`/v1/today?${org}&user_id=%00`, 400, 'invalid_parameter', 'user_id'],
    [`/v1/today?${org}&user_id=%ff%fe`, 400, 'invalid_parameter', 'user_id'],
    [`/v1/today?${org}&user_id=%zz`, 400, 'invalid_parameter', 'user_id'],
    [`/v1/today?${org}&user_id=`, 400, 'invalid_parameter', 'user_id'],
    [`/v1/today?${org}&user_id=${'x'.repeat(257)}`, 400, 'invalid_parameter', 'user_id'],
    [`/v1/usage?${org}`, 400, 'invalid_parameter', 'from'],
    [`/v1/usage?${org}&from=yesterday&to=2025-09-02`, 400, 'invalid_parameter', 'from'],
    [`/v1/usage?${org}&from=2025-02-30&to=2025-09-02`, 400, 'invalid_parameter', 'from'],
    [`/v1/usage?${org}&from=1900-01-01&to=2025-09-02`, 400, 'invalid_parameter', 'from'],
    [`/v1/usage?${org}&from=2025-09-02&to=2025-09-01`, 400, 'invalid_parameter', 'to'],
    [`/v1/usage?${org}&from=2025-09-02&to=2025-09-02`, 400, 'invalid_parameter', 'to'],
    [`/v1/usage?${org}&${period}&window=5m`, 400, 'invalid_parameter', 'window'],
    [`/v1/usage?${org}&${period}&group_by=model,shoe_size`, 400, 'invalid_parameter', 'group_by'],
    [`/v1/usage?${org}&${period}&group_by=team,team_id`, 400, 'invalid_parameter', 'group_by'],
    [`/v1/usage?${org}&${period}&filter=model`, 400, 'invalid_parameter', 'filter'],
    [`/v1/usage?${org}&${period}&filter=shoe:42`, 400, 'invalid_parameter', 'filter'],
    [`/v1/usage?${org}&${period}&filter=model:${'x'.repeat(257)}`, 400, 'invalid_parameter', 'filter'],
    [`/v1/usage?${org}&${period}${'&filter=model:a'.repeat(101)}`, 400, 'invalid_parameter', 'filter'],
    [`/v1/usage?${org}&${period}&compare=tomorrow`, 400, 'invalid_parameter', 'compare'],
    [`/v1/usage?${org}&${period}&compare=2025-01-02..2025-01-01`, 400, 'invalid_parameter', 'compare'],
    [`/v1/aggregate/daily?${org}&from=2025-09-01T00:00:00Z&to=2025-09-02`, 400, 'invalid_parameter', 'from'],
    [`/v1/aggregate/daily?${org}&from=2025-09-02&to=2025-09-01`, 400, 'invalid_parameter', 'to'],
    [`/v1/events?${org}&limit=0`, 400, 'invalid_parameter', 'limit'],
    [`/v1/events?${org}&limit=1001`, 400, 'invalid_parameter', 'limit'],
    [`/v1/events?${org}&limit=1e3`, 400, 'invalid_parameter', 'limit'],
    [`/v1/events?${org}&cursor=abc`, 400, 'invalid_parameter', 'cursor'],
    [`/v1/events?${org}&cursor=${cursorOf('events', 'org_other')}`, 404, 'not_found', 'cursor'],
    [`/v1/events?${org}&cursor=${cursorOf('quarantine', 'org_demo')}`, 400, 'invalid_parameter', 'cursor'],
    [`/v1/events/nothing/explain?${org}`, 404, 'not_found', undefined],
    [`/v1/events/%00/explain?${org}`, 400, 'invalid_parameter', 'id'],
    [`/v1/quarantine?${org}&reason=bored`, 400, 'invalid_parameter', 'reason'],
    [`/v1/quarantine/not-a-position?${org}`, 404, 'not_found', undefined],
    ['/v1/nothing', 404, 'not_found', undefined],
    ['/v1', 404, 'not_found', undefined],
    ['/v1/', 404, 'not_found', undefined],
  ])('GET %s is %i %s', async (path, status, code, field) => {
    const answer = await api.get(path)
    expect(answer.status, answer.text).toBe(status)
    const { error } = errorBody.parse(answer.json)
    expect(error.code).toBe(code)
    expect(error.field).toBe(field)
    expect(error.request_id).toBe(answer.headers.get('x-request-id'))
  })

  test('a method that an address does not know is 405 with Allow; OPTIONS says which there are', async () => {
    const refused = await api.get('/v1/today?org_id=org_demo', { method: 'DELETE' })
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
    expect(refused.json).toMatchObject({ error: { code: 'method_not_allowed' } })
    const options = await api.get('/v1/quarantine/replay', { method: 'OPTIONS' })
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'POST, OPTIONS'])
  })

  test.each([
    ['text/plain', '{}', 415, 'unsupported_media_type'],
    ['application/json', '{', 400, 'malformed_json'],
    ['application/json', Buffer.from([0x7b, 0xff, 0x7d]), 400, 'invalid_utf8'],
    ['application/json', '{"ids":[]}', 400, 'invalid_parameter'],
    ['application/json', '[]', 400, 'invalid_parameter'],
    ['application/json', 'null', 400, 'invalid_parameter'],
    ['application/json', '{"ids":["1/0/0/0"],"force":true}', 400, 'invalid_parameter'],
    ['application/json', '{"ids":["1/0/0/0"],"__proto__":{"dry_run":false}}', 400, 'invalid_parameter'],
    ['application/json', `{"ids":["${'x'.repeat(300_000)}"]}`, 413, 'body_too_large'],
  ])('POST /v1/quarantine/replay as %s with %s is %i %s', async (type, body, status, code) => {
    const answer = await api.get('/v1/quarantine/replay?org_id=org_demo', {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    })
    expect([answer.status, errorBody.parse(answer.json).error.code]).toEqual([status, code])
  })

  test.each([
    ['{"ids":["1/0/0/0","1/0\\u0000/0/0"]}', 'ids.1'],
    ['{"ids":["1/0/0/0"],"dry\\u0000run":true}', 'dry\\u0000run'],
    [`{"ids":${'['.repeat(100_000)}"\\u0000"${']'.repeat(100_000)}}`, `ids${'.0'.repeat(100)}`.slice(0, 200)],
  ])('a NUL in a text or a name of a body is refused by its field: %.40s', async (body, field) => {
    const answer = await api.get('/v1/quarantine/replay?org_id=org_demo', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    const { error } = errorBody.parse(answer.json)
    expect([answer.status, error.code, error.field]).toEqual([400, 'invalid_parameter', field])
  })

  test('a replay without a log is refused, not lost', async () => {
    const answer = await api.get('/v1/quarantine/replay?org_id=org_demo', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"ids":["1/0/0/0"]}',
    })
    expect([answer.status, errorBody.parse(answer.json).error.code]).toEqual([503, 'log_unavailable'])
  })
})

describe('faults of the database', () => {
  test.each([
    [new ClickHouseError('secret path', 159, true), 504, 'query_timeout'],
    [new ClickHouseError('secret path', 396, false), 422, 'result_too_large'],
    [new ClickHouseError('secret path', 241, true), 422, 'result_too_large'],
    [new ClickHouseError('secret path', 243, true), 503, 'database_unavailable'],
    [new ClickHouseError('secret path', null, false), 503, 'database_unavailable'],
    [new ClickHouseError('secret path', 62, false), 500, 'internal'],
    [new TypeError('secret path'), 500, 'internal'],
  ])('%s becomes %i %s and its text stays in the log', async (thrown, status, code) => {
    clickhouse.answer = () => {
      throw thrown
    }
    const requestId = `asked-${randomUUID()}`
    const answer = await api.get('/v1/today?org_id=org_demo', { headers: { 'x-request-id': requestId } })
    expect([answer.status, errorBody.parse(answer.json).error.code]).toEqual([status, code])
    expect(answer.text).not.toContain('secret path')
    expect(answer.text).toContain(requestId)
    const logged = api.logLines.some((line) => line.includes('secret path') && line.includes(requestId))
    expect(logged).toBe(status >= 500)
  })

  test('more questions than may wait are refused with Retry-After, and later ones are served', async () => {
    let open = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    let waiting = 0
    clickhouse.answer = async () => {
      waiting++
      await gate
      return []
    }
    const held = [api.get('/v1/events?org_id=org_demo'), api.get('/v1/events?org_id=org_demo')]
    await eventually(() => waiting).toBe(2)
    const refused = await api.get('/v1/events?org_id=org_demo')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    expect(errorBody.parse(refused.json).error.code).toBe('overloaded')
    open()
    expect((await Promise.all(held)).map((a) => a.status)).toEqual([200, 200])
    expect((await api.get('/v1/events?org_id=org_demo')).status).toBe(200)
  })

  test('/health names the part that is down without its secrets, with 503', async () => {
    expect((await api.get('/health')).status).toBe(200)
    clickhouse.answer = () => {
      throw new ClickHouseError('secret path', null, false)
    }
    const answer = await api.get('/health')
    expect(answer.status).toBe(503)
    expect(health.parse(answer.json).checks['clickhouse']?.status).toBe('down')
    expect(answer.text).not.toContain('secret path')
  })
})

describe('pages', () => {
  test('tell where events are sent, as an attribute and nothing else', async () => {
    const html = (await api.get('/')).text
    expect(html).toContain('<meta name="ecomind-edge-url" content="http://localhost:8080/&quot;>&lt;b>" />')
  })

  test('the entry under its file name leads to the page with its slot filled', async () => {
    const answer = await api.get('/index.html', { redirect: 'manual' })
    expect([answer.status, answer.headers.get('location')]).toEqual([301, '/'])
  })

  test('an id that is too long is refused in words', async () => {
    const answer = await api.get(`/v1/events/${'a'.repeat(257)}/explain?org_id=org_demo`)
    expect([answer.status, answer.text.includes('id: 1 to 256 characters are wanted')]).toEqual([400, true])
  })

  test('the entry answers page addresses, with the policy that forbids other hosts', async () => {
    for (const path of ['/', '/explore', '/a/b/']) {
      const answer = await api.get(path)
      expect([answer.status, answer.text.includes('<title>Ecomind')]).toEqual([200, true])
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'")
      expect(answer.headers.get('cache-control')).toBe('no-cache')
    }
  })

  test('hashed files are kept for ever, missing files are 404 and never the page', async () => {
    const found = await api.get('/assets/index-Ab12Cd34.js')
    expect([found.status, found.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable'])
    for (const path of ['/assets/missing.js', '/favicon.ico', '/assets']) {
      const answer = await api.get(path)
      expect(answer.text.includes('<title>Ecomind'), path).toBe(path === '/assets')
    }
    expect((await api.get('/', { method: 'POST' })).status).toBe(404)
  })

  test.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/..\\secret.txt',
    '/%252e%252e%252fsecret.txt',
    '/....//secret.txt',
    '//secret.txt',
    '/.hidden',
    '/assets/../.hidden',
    '/index.html%00.js',
    '/%00',
    '/%c0%ae%c0%ae/secret.txt',
    '/%zz',
    '/%',
  ])('%s reaches no file outside of the folder and is no fault', async (path) => {
    const answer = await sendRawPath(path)
    expect(answer).not.toContain(SECRET)
    expect([400, 404]).toContain(statusOf(answer))
    expect(answer).toContain('"request_id"')
  })
})

describe('HTTP', () => {
  test.each([
    ['not HTTP at all', 'hello\r\n\r\n'],
    ['a header that is too long', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`],
    ['two lengths', 'POST /v1/quarantine/replay HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['no Host', 'GET /health HTTP/1.1\r\n\r\n'],
  ])('%s is refused with 400 and the process lives on', async (_name, bytes) => {
    expect(statusOf(await sendRaw(bytes))).toBe(400)
    expect((await api.get('/health')).status).toBe(200)
  })

  test.each([
    'evil.example',
    'evil.example:8000',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'user@evil.example',
    '',
  ])('a page that points its own name %j at this machine gets nothing', async (host) => {
    const answer = await sendRaw(`GET /v1/today?org_id=org_demo HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    expect(statusOf(answer)).toBe(403)
    expect(answer).toContain('"forbidden"')
  })

  test.each(['localhost', 'LOCALHOST:8000', '127.0.0.1:1', '[::1]:8000'])('the name %s is ours', async (host) => {
    const answer = await sendRaw(`GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    expect(statusOf(answer)).toBe(200)
  })

  test('stopping waits for a request under way and does not wait for idle connections', async () => {
    const database = new FakeClickHouse()
    const other = await startTestApi(database)
    await other.get('/health')
    let open = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    let asked = false
    database.answer = async () => {
      asked = true
      await gate
      return []
    }
    const underWay = other.get('/v1/events?org_id=org_demo')
    await eventually(() => asked).toBe(true)
    const stopped = other.stop()
    open()
    expect((await underWay).status).toBe(200)
    await stopped
    await expect(fetch(`${other.url}/health`)).rejects.toThrow()
  })

  test('a harmful request id is replaced', async () => {
    const answer = await api.get('/health', { headers: { 'x-request-id': '"><script>' } })
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('answers are never cached and say nothing of the framework', async () => {
    const { headers } = await api.get('/v1/events?org_id=org_demo')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })

  test('large JSON is compressed for clients that take gzip, and only for those', async () => {
    const plain = await sendRaw('GET /v1/openapi.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    expect(plain.slice(0, plain.indexOf('\r\n\r\n'))).not.toMatch(/content-encoding/i)
    const answer = await fetch(`${api.url}/v1/openapi.json`, { headers: { 'accept-encoding': 'gzip' } })
    expect(answer.headers.get('content-encoding')).toBe('gzip')
    expect(await answer.json()).toMatchObject({ openapi: '3.1.0' })
  })

  test('HEAD answers like GET without a body', async () => {
    const answer = await api.get('/v1/openapi.json', { method: 'HEAD' })
    expect([answer.status, answer.text]).toEqual([200, ''])
  })

  test('/metrics counts requests by route, not by address', async () => {
    await api.get('/v1/events/one-of-many/explain?org_id=org_demo')
    const { text } = await api.get('/metrics')
    expect(text).toContain('route="/v1/events/:id/explain"')
    expect(text).not.toContain('one-of-many')
  })

  test('/docs is one page that loads nothing and runs nothing', async () => {
    const { text, status, headers } = await api.get('/docs')
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(text).not.toMatch(/<script|<link|<img|<iframe|src=|@import|url\(/)
    for (const path of ['/v1/usage', '/v1/ingest', '/v1/events/{id}/explain']) expect(text).toContain(path)
  })
})

function cursorOf(list: string, org: string): string {
  const at = { ts: 1_759_190_400_000, id: 'event-000001' }
  return Buffer.from(JSON.stringify({ v: 1, list, org, at })).toString('base64url')
}
