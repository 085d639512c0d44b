/** The analysts' SQL port at its socket, for those it is made for: curl, BI tools, ClickHouse's own client. */
import { createClient } from '@clickhouse/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPortWorld, type PortWorld } from './test-support/port-world.ts'

let world: PortWorld

beforeAll(async () => {
  world = await openPortWorld()
})
afterAll(async () => {
  await world.close()
})

describe('openSqlPort for curl, BI tools and @clickhouse/client', () => {
  test.each([
    ['SELECT DISTINCT org_id FROM usage_events', 'org_demo\n'],
    ["SELECT count() FROM ecomind.usage_1m WHERE org_id = 'org_b'", '0\n'],
    ['SELECT * FROM system.tables ORDER BY name LIMIT 1', /^ecomind\tfactors/],
    [
      "SELECT COLUMNS('^name$') FROM system.columns WHERE table = 'usage_1d' ORDER BY position LIMIT 1",
      'window_start\n',
    ],
    ['SELECT currentDatabase()', 'ecomind\n'],
    ['SELECT version()', /^26\./],
    ['SELECT currentUser() AS user, timezone() AS timezone, version() AS version LIMIT 1', /UTC/],
    ['SHOW DATABASES', 'ecomind\n'],
    ['SHOW TABLES', 'factors\ngrids\nquarantine\nusage_15m\nusage_1d\nusage_1h\nusage_1m\nusage_events\n'],
    ['SHOW TABLES FROM ecomind', /usage_1m/],
    ['DESCRIBE TABLE usage_1d', /^window_start\tDateTime/],
    ['DESC ecomind.usage_events', /^org_id\t/],
    ['SHOW COLUMNS FROM usage_1d', /kwh_low/],
    ['SHOW CREATE TABLE ecomind.usage_1d', /CREATE TABLE/],
    ['SHOW CREATE TABLE usage_1d', /CREATE TABLE/],
    ['SELECT count() FROM usage_events FORMAT Null', ''],
    ['SELECT arrayMap(upper, [source]) FROM usage_events LIMIT 1', /^\[/],
    [
      "SELECT name, type FROM system.columns WHERE database = 'ecomind' AND table = 'usage_1d' LIMIT 1",
      /^window_start/,
    ],
    ["SELECT name, engine FROM system.tables WHERE database = 'ecomind' ORDER BY name LIMIT 1", /^factors/],
    ['SELECT table_name FROM information_schema.tables ORDER BY table_name LIMIT 1', /^factors/],
    [
      'SELECT toStartOfInterval(window_start, INTERVAL 1 DAY) AS t, sum(kwh) AS k FROM usage_1h GROUP BY t ORDER BY t LIMIT 1',
      /^2026/,
    ],
    ['WITH m AS (SELECT model, sum(kwh) AS k FROM usage_1d GROUP BY model) SELECT count() FROM m', '4\n'],
    [
      'SELECT uniqExactIf(user_id, tokens_in > 10), quantilesExact(0.5, 0.9)(tokens_out), AVG(kwh) FROM usage_events',
      /^20/,
    ],
    [
      'SELECT user_id, rank() OVER (ORDER BY sum(kwh) DESC) AS r FROM usage_1d GROUP BY user_id ORDER BY r LIMIT 1',
      /\t1\n$/,
    ],
    ['SELECT * EXCEPT (tags) FROM usage_events ORDER BY ts LIMIT 1', /org_/],
    [
      'SELECT a.model FROM usage_1d AS a INNER JOIN usage_1h AS b ON a.model = b.model GROUP BY a.model ORDER BY a.model LIMIT 1',
      /claude/,
    ],
    ["SELECT tags['app'] AS app, count() FROM usage_events GROUP BY app ORDER BY app LIMIT 1", /\d/],
    ['SELECT number FROM numbers(3) ORDER BY number DESC LIMIT 1', '2\n'],
  ])('answers %s', async (text, wanted) => {
    const answer = await world.ask(text)
    expect({ text, status: answer.status, body: answer.status === 200 ? '' : answer.text }).toEqual({
      text,
      status: 200,
      body: '',
    })
    if (wanted instanceof RegExp) expect(answer.text).toMatch(wanted)
    else expect(answer.text).toBe(wanted)
  })

  test('takes the statement from the URL, the body, or both', async () => {
    expect(await (await fetch(world.url({ query: 'SELECT 1' }))).text()).toBe('1\n')
    expect((await world.ask('SELECT 1')).text).toBe('1\n')
    expect((await world.ask('count() FROM usage_events', { query: 'SELECT' })).text).toBe(`${world.ownRows}\n`)
  })

  test('ping and the bare address say that it lives', async () => {
    expect(await (await fetch(`http://127.0.0.1:${world.port.port}/ping`)).text()).toBe('Ok.\n')
    expect(await (await fetch(`http://127.0.0.1:${world.port.port}/`)).text()).toBe('Ok.\n')
  })

  test('the format is that of the statement, else that of the request', async () => {
    const json = await world.ask('SELECT 1 AS one FORMAT JSON', { default_format: 'CSV' })
    expect(JSON.parse(json.text)).toMatchObject({ data: [{ one: 1 }], rows: 1, meta: [{ name: 'one' }] })
    expect(json.headers.get('content-type')).toContain('application/json')
    expect((await world.ask("SELECT 1, 'a'", { default_format: 'CSV' })).text).toBe('1,"a"\n')
    const header = await fetch(world.url(), {
      method: 'POST',
      body: 'SELECT 1',
      headers: { 'x-clickhouse-format': 'JSONEachRow' },
    })
    expect(await header.text()).toBe('{"1":1}\n')
  })

  test.each(['Parquet', 'ArrowStream', 'Native', 'RowBinary'])('gives %s as bytes', async (format) => {
    const answer = await fetch(world.url({ query: `SELECT 1 AS one FORMAT ${format}` }))
    expect(answer.status).toBe(200)
    expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(0)
  })

  test('64-bit numbers come as text unless the caller wants numbers', async () => {
    const text = 'SELECT toUInt64(5) AS n FORMAT JSONEachRow'
    expect((await world.ask(text)).text).toBe('{"n":"5"}\n')
    expect((await world.ask(text, { output_format_json_quote_64bit_integers: '0' })).text).toBe('{"n":5}\n')
  })

  test('log-in data is not needed and not minded', async () => {
    const answer = await fetch(world.url({ query: 'SELECT 1', user: 'x', password: 'y' }), {
      headers: { authorization: 'Basic eDp5', 'x-clickhouse-user': 'x' },
    })
    expect(answer.status).toBe(200)
  })

  test('@clickhouse/client asks with parameters, streams, pings and reads errors', async () => {
    for (const response of [true, false]) {
      const client = createClient({
        url: `http://127.0.0.1:${world.port.port}`,
        database: 'ecomind',
        compression: { response },
        log: { level: 127 },
      })
      try {
        const rows = await client.query({
          query: 'SELECT sum(calls) AS calls FROM usage_1d WHERE model = {m:String} OR model IN {l:Array(String)}',
          query_params: { m: 'gpt-4o', l: ['claude-sonnet-4', "it's"] },
          format: 'JSONEachRow',
        })
        expect(await rows.json()).toEqual([{ calls: expect.stringMatching(/^\d+$/) }])
        let streamed = 0
        const stream = (
          await client.query({ query: 'SELECT number FROM numbers(50000)', format: 'JSONEachRow' })
        ).stream()
        for await (const chunk of stream) streamed += chunk.length
        expect(streamed).toBe(50_000)
        expect(await client.ping()).toMatchObject({ success: true })
        await expect(client.query({ query: 'SELECT nope FROM usage_1d' })).rejects.toMatchObject({
          code: '47',
          type: 'UNKNOWN_IDENTIFIER',
        })
        await expect(client.command({ query: 'DROP TABLE usage_1d' })).rejects.toMatchObject({ code: '497' })
      } finally {
        await client.close()
      }
    }
  })
})
