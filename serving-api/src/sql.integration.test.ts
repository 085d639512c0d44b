/** `POST /v1/sql` at its socket, over a store of two organisations: formats, errors, rights, and whose rows there are. */
import { type AnalystDesk, insertUsageRows, openAnalystDesk, openAnalystSql } from '@ecomind/clickhouse'
import { migratedClickHouse, sampleRows, type TempClickHouse } from '@ecomind/clickhouse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authenticateBySigns } from './access/authenticate.ts'
import type { Principal } from './access/principal.ts'
import { answerSealOf } from './http/answer-seal.ts'
import { onlyOrganisation } from './organisations/organisation.ts'
import { startTestApi, type TestAnswer, type TestApi } from './testing/test-api.ts'

const key = (orgId: string, scope: 'read' | 'ingest'): Principal => ({
  kind: 'key',
  orgId,
  keyId: `key-of-${orgId}`,
  scopes: [scope],
  ofFirstOrganisation: false,
})
const PRINCIPALS: Readonly<Record<string, Principal>> = {
  demo: key('org_demo', 'read'),
  ingest: key('org_demo', 'ingest'),
  b: key('org_b', 'read'),
}

let temp: TempClickHouse
let desk: AnalystDesk
let api: TestApi
let demoRows: number

beforeAll(async () => {
  const opened = await migratedClickHouse()
  temp = opened.temp
  const rows = sampleRows({ seed: 5, count: 500, firstOffset: 0, aroundMs: Date.UTC(2026, 9, 1), spreadMs: 1e8 })
  demoRows = rows.filter((row) => row.org_id === 'org_demo').length
  await insertUsageRows(opened.ch, rows, 'a')
  const limits = {
    maxExecutionMs: 2_000,
    maxResultRows: 100_000,
    maxResultBytes: 2 ** 24,
    maxMemoryBytes: 2 ** 28,
    maxThreads: 1,
  }
  desk = openAnalystDesk({ sql: await openAnalystSql(temp.target, limits), maxWaiting: 1, maxWaitingPerOrg: 1 })
  const known = ['org_demo', 'org_b'].map((id) => ({ id, organisations: onlyOrganisation(id, 'UTC') }))
  const organisations = {
    find: async (id: string) => (await known.find((k) => k.id === id)?.organisations.find(id)) ?? null,
    forget: () => {},
  }
  const authenticate = authenticateBySigns({
    bearer: async (secret) => PRINCIPALS[secret] ?? null,
    session: async () => null,
  })
  const makeAdminKey = () => Promise.reject(new Error('not asked here'))
  const control = {
    organisations,
    authenticate,
    makeAdminKey,
    keys: null,
    signIn: null,
    answerSeal: answerSealOf(null),
  }
  api = await startTestApi(opened.ch, { control, analysts: desk }, { mode: 'production' })
})
afterAll(async () => {
  await api?.stop()
  await desk?.close()
  await temp?.remove()
})

async function sql(who: string, body: unknown): Promise<TestAnswer> {
  return await api.get('/v1/sql', {
    method: 'POST',
    headers: { authorization: `Bearer ${who}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}
const codeOf = (answer: TestAnswer): unknown => (answer.json as { error?: { code?: unknown } }).error?.code

describe('POST /v1/sql', () => {
  test('answers JSON with meta, data, rows and statistics that tell nothing of what was read', async () => {
    const answer = await sql('demo', { query: 'SELECT org_id, count() AS n FROM usage_events GROUP BY org_id' })
    expect(answer.status).toBe(200)
    expect(answer.json).toEqual({
      meta: [
        { name: 'org_id', type: 'String' },
        { name: 'n', type: 'UInt64' },
      ],
      data: [{ org_id: 'org_demo', n: String(demoRows) }],
      rows: 1,
      statistics: { elapsed: expect.any(Number), rows: 1 },
    })
  })

  test('a key of another organisation sees its own rows, and naming the first one is not found', async () => {
    const answer = await sql('b', { query: 'SELECT count() AS n FROM usage_events' })
    expect(answer.json).toMatchObject({ data: [{ n: String(500 - demoRows) }] })
    expect((await sql('b', { query: 'SELECT 1', org_id: 'org_demo' })).status).toBe(404)
  })

  test('binds parameters as values', async () => {
    const body = {
      query: 'SELECT {a:String} AS a, {n:UInt8} AS n, {l:Array(String)} AS l',
      params: { a: "x' OR 1", n: 7, l: ["it's"] },
    }
    expect((await sql('demo', body)).json).toMatchObject({ data: [{ a: "x' OR 1", n: 7, l: ["it's"] }] })
  })

  test.each([
    ['CSV', 'text/csv', '"n"\n1\n'],
    ['Parquet', 'application/vnd.apache.parquet', /^PAR1/],
    ['Arrow', 'application/vnd.apache.arrow.file', /^ARROW1/],
  ])('answers %s', async (format, type, start) => {
    const answer = await sql('demo', { query: 'SELECT 1 AS n', format })
    expect(answer.headers.get('content-type')).toContain(type)
    if (typeof start === 'string') expect(answer.text).toBe(start)
    else expect(answer.text).toMatch(start)
  })

  test.each([
    ['a statement that is not allowed', { query: 'DROP TABLE usage_events' }, 422, 'query_refused'],
    ['a table that is not open', { query: 'SELECT * FROM ecomind.watermarks' }, 422, 'query_refused'],
    ['a failure over rows', { query: 'SELECT CAST(user_id AS UInt8) FROM usage_events' }, 422, 'query_refused'],
    ['an answer with too many rows', { query: 'SELECT number FROM numbers(200000)' }, 422, 'result_too_large'],
    [
      'a statement that takes too long',
      { query: 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1' },
      504,
      'query_timeout',
    ],
    ['a format in the text', { query: 'SELECT 1 FORMAT CSV' }, 400, 'invalid_parameter'],
    ['a format that is not offered', { query: 'SELECT 1', format: 'Native' }, 400, 'invalid_parameter'],
    ['a body without a statement', {}, 400, 'invalid_parameter'],
    ['a parameter without a value', { query: 'SELECT {a:UInt8}' }, 422, 'query_refused'],
  ])('%s is refused in our own words', async (_, body, status, code) => {
    const answer = await sql('demo', body)
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({ status, code })
    expect(answer.text).not.toMatch(/user_\d|DB::Exception/)
  })

  test('more statements at a time than may wait are told to come later', async () => {
    const query = 'SELECT count() FROM numbers(30000000) WHERE sipHash64(number) = 1'
    const answers = await Promise.all(Array.from({ length: 6 }, () => sql('demo', { query })))
    const busy = answers.filter((answer) => codeOf(answer) === 'overloaded')
    expect(busy.length).toBeGreaterThan(0)
    expect(busy[0]?.headers.get('retry-after')).toBe('1')
  })

  test('a key that may not read is forbidden, and no key is unauthorized', async () => {
    expect((await sql('ingest', { query: 'SELECT 1' })).status).toBe(403)
    expect((await sql('nobody', { query: 'SELECT 1' })).status).toBe(401)
  })

  test('an organisation reads what it asked, and not what another did', async () => {
    const list = async (who: string): Promise<string[]> => {
      const answer = await api.get('/v1/sql/queries', { headers: { authorization: `Bearer ${who}` } })
      return (answer.json as { items: { key_id: string }[] }).items.map((item) => item.key_id)
    }
    expect(new Set(await list('demo'))).toEqual(new Set(['key/key-of-org_demo']))
    expect(new Set(await list('b'))).toEqual(new Set(['key/key-of-org_b']))
  })
})
