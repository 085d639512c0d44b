/** The SQL port with keys: who is let in, in the ways that ClickHouse's clients have, and what each organisation sees. */
import { createClient } from '@clickhouse/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ACCESS_DENIED, AnalystError } from './canonical-statement.ts'
import type { SqlPortLogEntry } from './sql-port.ts'
import type { Authenticate } from './sql-port-credentials.ts'
import { openPortWorld, type PortWorld } from './test-support/port-world.ts'

const KEY = 'eco_r_0123456789'
const OTHER_KEY = 'eco_r_9876543210'
const INGEST_KEY = 'eco_i_0123456789'
const log: SqlPortLogEntry[] = []

const authenticate: Authenticate = async ({ key }) => {
  if (key === INGEST_KEY) throw new AnalystError(ACCESS_DENIED, 'the key does not have the right to read')
  if (key === KEY) return { orgId: 'org_demo', keyId: 'key-1' }
  return key === OTHER_KEY ? { orgId: 'org_b', keyId: 'key-2' } : null
}

let world: PortWorld
beforeAll(async () => {
  world = await openPortWorld({
    port: { access: { kind: 'keys', authenticate }, onRequest: (entry) => log.push(entry) },
  })
})
afterAll(async () => {
  await world.close()
})

const basic = (user: string, key: string): string => `Basic ${Buffer.from(`${user}:${key}`).toString('base64')}`
const asked = async (headers: Record<string, string>, query: Record<string, string> = {}) => {
  const answer = await fetch(world.url(query), {
    method: 'POST',
    body: 'SELECT DISTINCT org_id FROM usage_events',
    headers,
  })
  return { status: answer.status, text: await answer.text(), headers: answer.headers }
}

describe('openSqlPort with keys', () => {
  test.each([
    ['a bearer key', { authorization: `Bearer ${KEY}` }],
    ['HTTP Basic', { authorization: basic('org_demo', KEY) }],
    ["ClickHouse's headers", { 'x-clickhouse-user': 'org_demo', 'x-clickhouse-key': KEY }],
    ["ClickHouse's key alone", { 'x-clickhouse-key': KEY }],
  ] as const)('%s lets in and shows the rows of its organisation', async (_, headers) => {
    expect(await asked(headers)).toMatchObject({ status: 200, text: 'org_demo\n' })
  })

  test('each key sees its own organisation', async () => {
    expect(await asked({ authorization: `Bearer ${OTHER_KEY}` })).toMatchObject({ status: 200, text: 'org_b\n' })
  })

  test.each([
    ['no credentials', {}],
    ['an unknown key', { authorization: 'Bearer eco_r_unknown' }],
    ["another organisation's name", { authorization: basic('org_b', KEY) }],
    ['an organisation that does not exist', { authorization: basic('org_none', KEY) }],
    ['two ways at once', { authorization: `Bearer ${KEY}`, 'x-clickhouse-key': KEY }],
    ['Basic without a key', { authorization: basic('org_demo', '') }],
    ['another scheme', { authorization: 'Digest x' }],
  ] as const)("%s is refused in ClickHouse's words", async (_, headers) => {
    const answer = await asked(headers as Record<string, string>)
    expect(answer.status).toBe(401)
    expect(answer.text).toMatch(/^Code: 516\. DB::Exception: .*\(AUTHENTICATION_FAILED\)/)
    expect(answer.headers.get('x-clickhouse-exception-code')).toBe('516')
    expect(answer.text).not.toContain(KEY)
  })

  test('whether an organisation exists can not be told from the refusal', async () => {
    const [none, other] = await Promise.all(
      ['org_none', 'org_b'].map((org) => asked({ authorization: basic(org, KEY) })),
    )
    expect(none?.text).toBe(other?.text)
  })

  test('a key in the address is refused and told why', async () => {
    const answer = await asked({}, { user: 'org_demo', password: KEY })
    expect(answer.status).toBe(401)
    expect(answer.text).toContain('end up in logs')
    expect(answer.text).not.toContain(KEY)
  })

  test('a key without the right to read is forbidden', async () => {
    expect(await asked({ authorization: `Bearer ${INGEST_KEY}` })).toMatchObject({
      status: 403,
      text: expect.stringContaining('(ACCESS_DENIED)'),
    })
  })

  test('any host name is served: a page that rebinds a name has no key', async () => {
    expect((await asked({ authorization: `Bearer ${KEY}`, host: 'sql.example.com' })).status).toBe(200)
  })

  test('ping needs no key', async () => {
    expect(await (await fetch(`http://127.0.0.1:${world.port.port}/ping`)).text()).toBe('Ok.\n')
  })

  test('@clickhouse/client asks with user and password', async () => {
    const client = createClient({
      url: `http://127.0.0.1:${world.port.port}`,
      username: 'org_demo',
      password: KEY,
      database: 'ecomind',
      log: { level: 127 },
    })
    try {
      const rows = await client.query({ query: 'SELECT DISTINCT org_id FROM usage_1d', format: 'JSONEachRow' })
      expect(await rows.json()).toEqual([{ org_id: 'org_demo' }])
    } finally {
      await client.close()
    }
  })

  test('an organisation can read what it asked, and nobody else can', async () => {
    const own = world.desk.statements('org_demo')
    expect(own.length).toBeGreaterThan(0)
    expect(own[0]).toMatchObject({ orgId: 'org_demo', keyId: 'key-1', errorCode: null })
    expect(world.desk.statements('org_b').every((entry) => entry.keyId === 'key-2')).toBe(true)
    expect(log.some((entry) => entry.orgId === 'org_demo' && entry.keyId === 'key-1')).toBe(true)
    expect(JSON.stringify(log)).not.toMatch(/eco_r|SELECT/)
  })
})
