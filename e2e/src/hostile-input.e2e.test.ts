/**
 * Bad input against the whole product: exact answers, never a 5xx, never a crash, and text of prompts found nowhere:
 * in no file, no log line, no table. (Tables of the edge alone stand in ingest-edge; this is what only the whole shows.)
 */
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toUrl } from './harness/api-client.ts'
import { findInFiles, findInText } from './harness/canary.ts'
import { createProduct, isHealthy, type Product } from './harness/product.ts'
import { sendRaw } from './harness/raw-http.ts'
import { querySql } from './harness/sql-client.ts'
import { waitFor } from './harness/wait-for.ts'

const CANARY = `canary-${randomBytes(18).toString('hex')}`
/** Sent in a field that is stored, to show that the search finds what is there. */
const WITNESS = `witness-${randomBytes(18).toString('hex')}`

const GOOD = {
  org_id: LOCAL_ORG_ID,
  user_id: 'user_alice',
  provider: 'openai',
  model: 'gpt-4o',
  tokens_in: 100,
  tokens_out: 50,
  ts: Date.now(),
}

let product: Product

beforeAll(async () => {
  product = await createProduct()
  await product.start('supervisor')
}, 300_000)
afterAll(() => product?.dispose())

interface Told {
  readonly status: number
  readonly code: string | null
  readonly text: string
}

async function ingest(body: string | Buffer, headers: Record<string, string> = {}): Promise<Told> {
  const answer = await fetch(`${product.edgeUrl}/v1/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
    signal: AbortSignal.timeout(30_000),
  })
  const text = await answer.text()
  const told = JSON.parse(text) as { error?: { code?: string }; rejected?: { code?: string }[] }
  return { status: answer.status, code: told.rejected?.[0]?.code ?? told.error?.code ?? null, text }
}

const withField = (field: string, value: unknown): string => JSON.stringify({ ...GOOD, [field]: value })
const nested = (depth: number): string => `${'{"a":'.repeat(depth)}"${CANARY}"${'}'.repeat(depth)}`

describe('prompt text', () => {
  const carriers: readonly (readonly [string, string | Buffer, Record<string, string>])[] = [
    ['a prompt', withField('prompt', CANARY), {}],
    ['messages of a chat', withField('messages', [{ role: 'user', content: CANARY }]), {}],
    ['a completion in an unknown object', withField('extra', { deep: [{ completion: CANARY }] }), {}],
    ['a prompt in capitals', withField('PROMPT', CANARY), {}],
    ['a prompt spelled with a hyphen', withField('system-prompt', CANARY), {}],
    ['an escaped key', JSON.stringify(GOOD).replace('{', `{"pro\\u006dpt":"${CANARY}",`), {}],
    ['a tag called text', withField('tags', { text: CANARY }), {}],
    ['an unknown field', withField('note', CANARY), {}],
    ['a key that is the text', withField(CANARY, 1), {}],
    ['a user that is too long', withField('user_id', CANARY.repeat(10)), {}],
    ['a number that is text', withField('tokens_in', CANARY), {}],
    ['a time that is text', withField('ts', CANARY), {}],
    ['a source that is none', withField('source', CANARY), {}],
    ['a control character beside it', withField('user_id', `${CANARY}\u0000`), {}],
    ['another organisation', withField('org_id', CANARY), {}],
    ['JSON cut off', `{"prompt":"${CANARY}`, {}],
    ['no JSON at all', CANARY, {}],
    ['deep nesting', nested(5_000), {}],
    ['the same key twice', JSON.stringify(GOOD).replace('{', `{"user_id":"${CANARY}",`), {}],
    ['a prototype key', `{"__proto__":{"prompt":"${CANARY}"},${JSON.stringify(GOOD).slice(1)}`, {}],
    ['gzip', gzipSync(withField('prompt', CANARY)), { 'content-encoding': 'gzip' }],
    ['gzip that is none', CANARY, { 'content-encoding': 'gzip' }],
    ['an unknown encoding', withField('prompt', CANARY), { 'content-encoding': 'br' }],
    ['an unknown type', CANARY, { 'content-type': 'text/plain' }],
    ['NDJSON', `${withField('prompt', CANARY)}\n{"x":"${CANARY}"}\n`, { 'content-type': 'application/x-ndjson' }],
    ['broken UTF-8', Buffer.concat([Buffer.from(`{"user_id":"${CANARY}`), Buffer.from([0xff, 0xfe])]), {}],
    ['a body over the limit', withField('prompt', CANARY + 'x'.repeat(2_000_000)), {}],
    ['a gzip bomb', gzipSync(CANARY + ' '.repeat(60_000_000)), { 'content-encoding': 'gzip' }],
    ['headers', JSON.stringify([]), { 'x-request-id': CANARY.slice(0, 60), 'user-agent': CANARY, cookie: CANARY }],
    ['a bearer key', '{}', { authorization: `Bearer ${CANARY}` }],
  ]

  it.each(carriers)('in %s is refused, with neither 5xx nor an echo', async (_what, body, headers) => {
    const told = await ingest(body, headers)
    expect([400, 413, 415]).toContain(told.status)
    expect(told.code).not.toBeNull()
    // The answer goes to the sender, but logs and proxies on the way would keep an echo. By contract the path of an
    // unknown field is named to its sender, so a key that is text itself comes back; a request id does too.
    if (told.code === 'unknown_field') return
    expect(told.text.replace(headers['x-request-id'] ?? '\u0000', '')).not.toContain(CANARY)
  })

  it('in addresses of every port is answered below 500', async () => {
    for (const base of [product.edgeUrl, product.apiUrl, product.sqlUrl]) {
      const answer = await fetch(`${base}/${CANARY}?prompt=${CANARY}`)
      expect(answer.status).toBeLessThan(500)
    }
  })

  it('is found in no file and no log line afterwards, while a stored name is found by the same search', async () => {
    expect((await ingest(withField('user_id', WITNESS))).status).toBe(202)
    await waitFor('the witness in the database', async () => {
      const rows = await querySql(product.sqlUrl, `SELECT count() FROM usage_events WHERE user_id = '${WITNESS}'`)
      return Number(rows[0]?.[0]) === 1
    })
    const witness = await findInFiles(product.dataDir, WITNESS)
    expect(witness.some((hit) => hit.includes('/log/'))).toBe(true)
    expect(witness.some((hit) => hit.includes('/clickhouse/'))).toBe(true)
    expect(await findInFiles(product.dataDir, CANARY)).toEqual([])
    expect(findInText(product.output(), CANARY)).toEqual([])
  })

  it('is in no quarantine row', async () => {
    expect(await querySql(product.sqlUrl, 'SELECT count() = 0 FROM quarantine')).toEqual([[1]])
  })
})

describe('parameters of the API', () => {
  const EVIL = [
    "' OR 1=1 --",
    "'; DROP TABLE usage_events; --",
    "\\' UNION ALL SELECT * FROM system.tables --",
    '{x:String}',
    "org_demo') FORMAT Null SETTINGS max_threads=1 --",
    '\u0000',
    '%00%ff',
    '😀'.repeat(300),
    '../../../etc/passwd',
    '-1',
    '9999999999999999999999',
    'NaN',
    '[object Object]',
    '__proto__',
    '',
  ]
  const BASES: readonly (readonly [string, Record<string, string>])[] = [
    ['/v1/today', { org_id: LOCAL_ORG_ID, user_id: 'user_alice', tz: 'UTC' }],
    [
      '/v1/aggregate/daily',
      { org_id: LOCAL_ORG_ID, from: '2025-09-30', to: '2025-10-01', user_id: 'u', team_id: 't', tz: 'UTC' },
    ],
    [
      '/v1/usage',
      {
        org_id: LOCAL_ORG_ID,
        from: '2025-09-30',
        to: '2025-10-01',
        window: '1h',
        group_by: 'model',
        filter: 'model:gpt-4o',
        compare: 'previous',
        tz: 'UTC',
        limit: '10',
        cursor: '',
      },
    ],
    [
      '/v1/events',
      { org_id: LOCAL_ORG_ID, from: '2025-09-30', to: '2025-10-01', limit: '10', cursor: '', filter: 'model:x' },
    ],
    ['/v1/events/some-event-id/explain', { org_id: LOCAL_ORG_ID }],
    ['/v1/reconciliation', { org_id: LOCAL_ORG_ID, from: '2025-09-30', to: '2025-10-01', cursor: '' }],
    ['/v1/quarantine', { org_id: LOCAL_ORG_ID, reason: 'id_conflict', state: 'open', cursor: '', limit: '5' }],
  ]

  it.each(BASES)('%s answers hostile values of each with a result or a 4xx in our error shape', async (path, good) => {
    for (const name of Object.keys(good)) {
      for (const evil of EVIL) {
        const url = toUrl(product.apiUrl, path, { ...good, [name]: evil })
        const answer = await fetch(url)
        const text = await answer.text()
        expect.soft(answer.status, url).toBeLessThan(500)
        if (answer.status >= 400)
          expect.soft(JSON.parse(text), url).toMatchObject({ error: { code: expect.any(String) } })
        expect.soft(text, url).not.toMatch(/DB::|Code: \d+|at \w+ \(|node:internal|node_modules/)
      }
    }
  })

  it('an event id with hostile characters in the path is not found, and another organisation is not either', async () => {
    for (const evil of EVIL.filter((e) => e !== '' && e !== '\u0000')) {
      const answer = await fetch(
        `${product.apiUrl}/v1/events/${encodeURIComponent(evil)}/explain?org_id=${LOCAL_ORG_ID}`,
      )
      await answer.arrayBuffer()
      expect.soft([400, 404], evil).toContain(answer.status)
    }
    const other = await fetch(toUrl(product.apiUrl, '/v1/today', { org_id: 'org_other' }))
    expect(other.status).toBe(404)
    expect(await other.json()).toMatchObject({ error: { code: 'not_found' } })
  })

  it('values are not repeated into totals: a filter with a quote counts nothing and breaks nothing', async () => {
    const url = toUrl(product.apiUrl, '/v1/usage', {
      org_id: LOCAL_ORG_ID,
      from: '2020-01-01',
      to: '2030-01-01',
      filter: "model:gpt-4o' OR '1'='1",
    })
    const answer = await fetch(url)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ totals: { calls: 0 } })
  })
})

describe('the page port', () => {
  const TRAVERSALS = [
    '/../../../../etc/passwd',
    '/..%2f..%2f..%2fetc%2fpasswd',
    '/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
    '/assets/../../../../../../etc/passwd',
    '/assets/..%5c..%5c..%5cetc%5cpasswd',
    '//etc/passwd',
    '/....//....//etc/passwd',
    '/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd',
    '/../package.json',
    '/..%2fpackage.json',
    '/assets/%00.html',
    '/.env',
    '/.git/config',
    '/../../data/log/data.mdb',
    '/%',
    '/%zz',
  ]
  it.each(TRAVERSALS)('gives no file outside the page for %s', async (path) => {
    const answer = await sendRaw(product.ports.api, [
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    ])
    expect(answer.status).not.toBeNull()
    expect(answer.status).toBeLessThan(500)
    expect(answer.text).not.toMatch(/root:.*:0:0|"workspaces"|\[core\]|repositoryformatversion/)
  })
})

describe('the SQL port', () => {
  const REFUSED = [
    'DROP TABLE usage_events',
    'INSERT INTO usage_events (event_id) VALUES (1)',
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    'SELECT data_paths FROM system.tables',
    'SELECT * FROM system.settings',
    "SELECT 1 INTO OUTFILE '/tmp/ecomind-e2e-outfile'",
    'SELECT 1; DROP TABLE usage_events',
    "SELECT * FROM remote('127.0.0.1', 'ecomind', 'usage_events')",
    'SELECT * FROM usage_events SETTINGS readonly = 0',
    'KILL QUERY WHERE 1',
    'SET readonly = 0',
    "SELECT getSetting('max_threads') FROM executable('x', 'TSV', 'a String')",
    'SYSTEM SHUTDOWN',
    'CREATE TABLE ecomind.x (a Int8) ENGINE = Memory',
    "SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
    'TRUNCATE usage_events',
    'ALTER TABLE usage_events DELETE WHERE 1',
    "DESCRIBE TABLE url('http://127.0.0.1:1/')",
    '',
    'no sql at all',
  ]
  it.each(REFUSED)('refuses %j with a 4xx and goes on answering', async (text) => {
    const answer = await fetch(`${product.sqlUrl}/`, { method: 'POST', body: text })
    const body = await answer.text()
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(body).not.toContain('root:')
    expect(await querySql(product.sqlUrl, 'SELECT count() > 0 FROM usage_events')).toEqual([[1]])
  })
})

describe('sockets', () => {
  it('that send nonsense, half a request, or two lengths get a 4xx or are closed', async () => {
    const body = JSON.stringify(GOOD)
    const head = `POST /v1/ingest HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`
    const nonsense = [
      ['\u0016\u0003\u0001\u0002\u0000'],
      ['GET\r\n\r\n'],
      [`${head}Content-Length: ${body.length}\r\nContent-Length: 5\r\n\r\n${body}`],
      [`${head}Content-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n\r\n${body}`],
      [`${head}Content-Length: -5\r\n\r\n${body}`],
      [`${head}Content-Length: 99999999999999999999\r\n\r\n${body}`],
      [`${head}X-Long: ${'a'.repeat(200_000)}\r\n\r\n`],
      [`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n${body}\r\n0\r\n\r\n`],
    ]
    for (const port of [product.ports.edge, product.ports.api, product.ports.sql])
      for (const chunks of nonsense) {
        const answer = await sendRaw(port, chunks, 15_000)
        // No status means that the connection was closed without one; 501 is HTTP's own word for an unknown coding.
        if (answer.status !== null && answer.status !== 501)
          expect.soft(answer.status, String(chunks).slice(0, 200)).toBeLessThan(500)
      }
  }, 600_000)

  it('leave a healthy product behind', async () => {
    expect(await isHealthy(product.edgeUrl)).toBe(true)
    expect(await isHealthy(product.apiUrl)).toBe(true)
    expect((await ingest(JSON.stringify(GOOD))).status).toBe(202)
    expect(product.running('supervisor')).not.toBeNull()
    // A part that had died would have been started again, and the supervisor would have said so.
    expect(product.output()).not.toContain('starting it again')
  })
})
