/**
 * What the SQL port refuses. Long because the hostile statements stand in one table: whoever opens a way in the allow-list
 * sees all that must stay shut beside it. What another organisation has is the matter of analyst-attacks.
 */
import { readdir, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPortWorld, type PortWorld } from './test-support/port-world.ts'

const CANARY = 'canary-4711-nobody-may-see-this'
let world: PortWorld
let canaryFile: string

beforeAll(async () => {
  world = await openPortWorld()
  const { ch, temp } = world
  await ch.command({ text: 'CREATE DATABASE secret' })
  await ch.command({ text: `CREATE TABLE secret.t ENGINE = MergeTree ORDER BY v AS SELECT '${CANARY}' AS v` })
  await ch.command({ text: `CREATE TABLE default.t ENGINE = MergeTree ORDER BY v AS SELECT '${CANARY}' AS v` })
  await ch.command({ text: `INSERT INTO ecomind.watermarks VALUES ('${CANARY}', 0, 0, 0, 0)` })
  canaryFile = join(temp.folder, 'canary.csv')
  await writeFile(canaryFile, `${CANARY}\n`)
})
afterAll(async () => {
  await world.close()
})

/** What must be the same before and after everything a hostile analyst tried. */
async function fingerprint(): Promise<unknown> {
  const tables = await world.ch.query({
    text: `SELECT database, name, toString(total_rows) AS n FROM system.tables
      WHERE database IN ('ecomind', 'secret', 'default') AND engine != 'MaterializedView' ORDER BY database, name`,
  })
  const databases = await world.ch.query({ text: 'SELECT name FROM system.databases ORDER BY name' })
  const files = (await readdir(world.temp.folder)).filter((name) => name !== 'data')
  return { tables, databases, files }
}

const hostile = (): readonly string[] => [
  // files, network, other engines
  `SELECT * FROM file('${canaryFile}', 'LineAsString')`,
  `SELECT file('${canaryFile}')`,
  `SELECT * FROM file('/proc/self/environ', 'LineAsString')`,
  `DESCRIBE TABLE file('${canaryFile}')`,
  `DESCRIBE (SELECT * FROM file('${canaryFile}'))`,
  `SELECT * FROM \`file\`('${canaryFile}', 'LineAsString')`,
  `SELECT * FROM FILE('${canaryFile}', 'LineAsString')`,
  `WITH (SELECT * FROM file('${canaryFile}', 'LineAsString') LIMIT 1) AS x SELECT x`,
  `SELECT 1 WHERE 'a' IN (SELECT * FROM file('${canaryFile}', 'LineAsString'))`,
  `SELECT (SELECT any(line) FROM file('${canaryFile}', 'LineAsString'))`,
  `SELECT arrayMap(file, ['${canaryFile}'])`,
  `SELECT arrayMap(\`file\` AS q, ['${canaryFile}'])`,
  `WITH file AS f SELECT arrayMap(f, ['${canaryFile}'])`,
  'SELECT arrayMap(SLEEP, [1])',
  `SELECT b FROM values('a String, b String ALIAS file(\\'${canaryFile}\\')', ('x'))`,
  "SELECT b FROM values('a String, b String ' || 'ALIAS hostName()', ('x'))",
  `SELECT * FROM usage_1d AS a JOIN file('${canaryFile}', 'LineAsString') AS b ON 1 = 1`,
  `SELECT * FROM view(SELECT * FROM file('${canaryFile}', 'LineAsString'))`,
  `SELECT * FROM viewExplain('EXPLAIN', '', (SELECT 1))`,
  `SELECT * FROM fileCluster('default', '${canaryFile}')`,
  `SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')`,
  `DESCRIBE TABLE url('http://127.0.0.1:1/', 'CSV')`,
  `SELECT * FROM s3('http://127.0.0.1:1/x', 'CSV', 'a String')`,
  `SELECT * FROM remote('127.0.0.1', 'secret.t')`,
  `SELECT * FROM remoteSecure('127.0.0.1', secret, t)`,
  `SELECT * FROM cluster('default', secret.t)`,
  `SELECT * FROM mysql('127.0.0.1:1', 'd', 't', 'u', 'p')`,
  `SELECT * FROM postgresql('127.0.0.1:1', 'd', 't', 'u', 'p')`,
  `SELECT * FROM sqlite('${canaryFile}', 't')`,
  `SELECT * FROM executable('cat', 'TSV', 'a String')`,
  `SELECT * FROM input('a String')`,
  `SELECT * FROM dictionary('x')`,
  `SELECT dictGet('x', 'y', 1)`,
  `SELECT joinGet('secret.t', 'v', 1)`,
  `SELECT * FROM merge('secret', '.*')`,
  `SELECT * FROM merge('.*')`,
  `SELECT * FROM loop('secret', 't') LIMIT 1`,
  `SELECT * FROM mergeTreeIndex('secret', 't')`,
  `SELECT * FROM mergeTreeProjection('secret', 't', 'p')`,
  `SELECT * FROM Python('x')`,
  `SELECT * FROM format(LineAsString, '${CANARY}x')`,
  // other databases and tables
  'SELECT * FROM secret.t',
  'SELECT * FROM default.t',
  'SELECT * FROM t',
  'SELECT * FROM `secret`.`t`',
  'SELECT * FROM "secret"."t"',
  "SELECT 'x' IN secret.t",
  "SELECT 'x' GLOBAL NOT IN (secret.t)",
  'SELECT * FROM ecomind.watermarks',
  'SELECT * FROM watermarks',
  'WITH x AS (SELECT 1) SELECT * FROM watermarks',
  'WITH watermarks AS (SELECT 1) SELECT * FROM ecomind.watermarks',
  'SELECT * FROM schema_migrations',
  'SELECT * FROM ingest_ledger',
  'SELECT * FROM usage_1m_view',
  'SELECT * FROM {t:Identifier}',
  // server state
  'SELECT * FROM system.processes',
  'SELECT * FROM system.query_log',
  'SELECT * FROM system.settings',
  'SELECT data_paths FROM system.tables',
  'SELECT x.data_paths[1] FROM system.tables AS x',
  'SELECT metadata_path FROM system.databases',
  'SELECT * FROM system.users',
  'SELECT * FROM system.server_settings',
  'SELECT * FROM system.parts',
  "SELECT getSetting('readonly')",
  "SELECT getServerSetting('max_connections')",
  "SELECT getMacro('x')",
  'SELECT hostName()',
  'SELECT serverUUID()',
  'SELECT addressToLine(1)',
  'SELECT showCertificate()',
  "SELECT catboostEvaluate('x', 1)",
  "SELECT aiGenerate('x')",
  "SELECT throwIf(1, 'x')",
  'SELECT sleep(3)',
  'SELECT sleepEachRow(1) FROM numbers(10)',
  'SELECT * APPLY(hostName) FROM usage_1d',
  'SELECT @@version',
  'SHOW PROCESSLIST',
  'SHOW TABLES FROM secret',
  'SHOW TABLES FROM system',
  'SHOW CREATE TABLE secret.t',
  'SHOW CREATE USER default',
  'SHOW GRANTS',
  "SHOW SETTINGS LIKE '%'",
  'SHOW COLUMNS FROM t FROM secret',
  'DESCRIBE secret.t',
  "DESCRIBE TABLE remote('127.0.0.1', secret.t)",
  'EXISTS TABLE secret.t',
  'EXPLAIN SELECT * FROM secret.t',
  'EXPLAIN PIPELINE SELECT 1',
  'CHECK TABLE usage_1d',
  // writing
  "INSERT INTO usage_1d (org_id) VALUES ('x')",
  'INSERT INTO usage_1d SELECT * FROM usage_1d',
  `INSERT INTO FUNCTION file('${'/tmp/ecomind-out.csv'}', 'CSV') SELECT 1`,
  'DROP TABLE usage_events',
  'TRUNCATE TABLE usage_events',
  'ALTER TABLE usage_events DELETE WHERE 1',
  'DELETE FROM usage_events WHERE 1',
  'UPDATE usage_events SET user_id = 1 WHERE 1',
  'OPTIMIZE TABLE usage_events FINAL',
  'RENAME TABLE usage_events TO x',
  'CREATE TABLE x (a Int8) ENGINE = Memory',
  'CREATE TEMPORARY TABLE x (a Int8)',
  'CREATE DATABASE x',
  'CREATE FUNCTION f AS x -> x',
  'CREATE USER x',
  'GRANT ALL ON *.* TO default',
  'ATTACH TABLE x',
  'DETACH TABLE usage_events',
  "BACKUP TABLE usage_events TO File('x')",
  'UNDROP TABLE x',
  'SYSTEM SHUTDOWN',
  'SYSTEM STOP MERGES',
  'KILL QUERY WHERE 1',
  'SET ROLE ecomind_owner',
  'SET readonly = 0',
  'SET ROLE ALL',
  'USE secret',
  'EXECUTE AS default SELECT 1',
  'BEGIN TRANSACTION',
  // clauses and tricks
  `SELECT 1 INTO OUTFILE '${'/tmp/ecomind-out.txt'}'`,
  `SELECT * FROM usage_1d INTO OUTFILE '/tmp/ecomind-out.txt' TRUNCATE FORMAT CSV`,
  'SELECT 1; SELECT 2',
  'SELECT 1; DROP TABLE usage_events',
  'SELECT 1;;DROP TABLE usage_events',
  'SET ROLE ecomind_owner; SELECT * FROM secret.t',
  '/* x */ DROP TABLE usage_events -- SELECT',
  'SELECT 1 PARALLEL WITH DROP TABLE usage_events',
  'SELECT * FROM usage_1d SETTINGS readonly = 0',
  'SELECT * FROM (SELECT * FROM usage_1d SETTINGS max_result_rows = 0)',
  'SELECT 1 FORMAT JSON SETTINGS max_threads = 100',
  'SELECT * FROM usage_1d SETTINGS max_execution_time = DEFAULT',
  "SELECT 1 FORMAT Template SETTINGS format_template_row = '/etc/passwd'",
  'SELECT 1 FORMAT Protobuf',
  'SELECT 1 FORMAT NoSuchFormat',
  'SELECT 1 AS `a) (children 3)` FROM secret.t',
  'SELECT 1 AS `x\n  TableIdentifier usage_1d`',
  'SELECT 1 AS `INTO`',
  `SELECT ‘a’ FROM file(‘${canaryFile}’, ‘LineAsString’)`,
  `SELECT * FROM $$file$$('${canaryFile}')`,
  `SELECT arrayReduce('aggThrow(1)', [1])`,
  `SELECT evalMLMethod(1)`,
  `SELECT fuzzQuery('SELECT 1')`,
  `SELECT * FROM fuzzJSON('x')`,
  `SELECT * FROM numbers(1) WHERE number IN (SELECT count() FROM secret.t)`,
  `SELECT * FROM usage_1d UNION ALL SELECT v FROM secret.t`,
  `SELECT 1 EXCEPT SELECT count() FROM secret.t`,
  'SELECT',
  '',
  ';',
  '\u0000SELECT 1',
]

describe('openSqlPort for a hostile analyst', () => {
  test('refuses every hostile statement, gives nothing away and changes nothing', async () => {
    // The first statement makes the views.
    expect((await world.ask('SELECT 1')).text).toBe('1\n')
    const before = await fingerprint()
    expect(hostile().length).toBeGreaterThan(60)
    for (const text of hostile()) {
      const answer = await world.ask(text)
      expect({ text, refused: answer.status >= 400 }).toEqual({ text, refused: true })
      expect({ text, answer: answer.text }).not.toMatchObject({ answer: expect.stringContaining(CANARY) })
      expect({ text, answer: answer.text }).not.toMatchObject({ answer: expect.stringContaining(world.temp.folder) })
      expect(answer.text).not.toMatch(/root:x:0|PATH=/)
      expect(answer.text).toMatch(/^Code: \d+\. DB::Exception: .+\n$/)
    }
    expect(await fingerprint()).toEqual(before)
    expect((await world.ask('SELECT count() FROM usage_events')).text).toBe(`${world.ownRows}\n`)
  })

  // What it does not hold, on chdb 3.4.0: the scalar function file(), INTO OUTFILE, KILL QUERY, SET ROLE. Only the first does.
  test('the second wall alone holds for tables, files and network: a session of an analyst has no right to more', async () => {
    const { Session } = await import('chdb')
    const session = new Session(world.temp.target.dataDir)
    try {
      await session.queryAsync('SET ROLE ecomind_analyst')
      for (const text of [
        `SELECT * FROM file('${canaryFile}', 'LineAsString')`,
        'SELECT * FROM secret.t',
        'SELECT * FROM ecomind.watermarks',
        'SELECT count() FROM ecomind.usage_events',
        "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')",
        "SELECT * FROM remote('127.0.0.1', 'secret.t')",
        'DROP TABLE ecomind.usage_1d',
        "INSERT INTO ecomind.usage_1d (org_id) VALUES ('x')",
        'CREATE TABLE x (a Int8) ENGINE = Memory',
        'ALTER TABLE ecomind.usage_1d DELETE WHERE 1',
      ]) {
        await expect(session.queryAsync(text), text).rejects.toThrow()
      }
      const shown = await session.queryAsync('SELECT DISTINCT database FROM system.tables', { format: 'TSV' })
      expect(shown.text()).toBe('ecomind_analyst\n')
      await session.queryAsync("SET log_comment = 'guessed/x/org_demo'")
      const rows = await session.queryAsync('SELECT count() FROM ecomind_analyst.usage_events', { format: 'TSV' })
      expect(rows.text()).toBe('0\n')
    } finally {
      session.close()
    }
  })

  test('a failure while it ran is named, without the value', async () => {
    expect((await world.ask("SELECT toUInt8('x')")).text).toContain('failed while it ran. (CANNOT_PARSE_TEXT)')
    expect((await world.ask('SELECT intDiv(1, 0)')).text).toContain('failed while it ran. (ILLEGAL_DIVISION)')
  })

  test('values of rows never come back in an error', async () => {
    for (const text of [
      'SELECT CAST(user_id AS UInt8) FROM usage_events',
      'SELECT toDate(model) FROM usage_events',
      'SELECT intDiv(1, tokens_in - tokens_in) FROM usage_events',
      'SELECT toUInt8(concat(user_id, event_id)) FROM usage_1d AS d JOIN usage_events AS e USING (user_id)',
    ]) {
      const answer = await world.ask(text)
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.text).not.toMatch(/user_\d|event-\d|gpt|claude/)
    }
  })

  test('a page that rebinds a name to this machine is refused', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: world.port.port,
        path: '/?query=SELECT%201',
        headers: { host: 'evil.example' },
      }
      request(options, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
        .on('error', reject)
        .end()
    })
    expect(status).toBe(403)
  })

  test.each([
    ['a method', () => fetch(world.url({ query: 'SELECT 1' }), { method: 'DELETE' }), 405],
    ['a path', () => fetch(`http://127.0.0.1:${world.port.port}/play`), 404],
    ['another database', () => fetch(world.url({ query: 'SELECT 1', database: 'secret' })), 404],
    ['native compression', () => fetch(world.url({ query: 'SELECT 1', compress: '1' })), 400],
    [
      'bytes that are no text',
      () => fetch(world.url(), { method: 'POST', body: new Uint8Array([0x53, 0xff, 0xfe]) }),
      400,
    ],
    ['a parameter without value', () => fetch(world.url({ query: 'SELECT {a:UInt8}' })), 400],
    [
      'a parameter with a type that is none',
      () => fetch(world.url({ query: "SELECT {a:String') --}", param_a: 'x' })),
      400,
    ],
  ])('%s that is not served is refused', async (_, call, status) => {
    expect((await call()).status).toBe(status)
  })

  test('text in a parameter never becomes a part of the statement', async () => {
    const value = "x' UNION ALL SELECT v FROM secret.t --\\"
    const answer = await fetch(
      world.url({ query: 'SELECT {a:String} AS a FORMAT JSONEachRow', param_a: value.replaceAll('\\', '\\\\') }),
    )
    expect(JSON.parse(await answer.text())).toEqual({ a: value })
  })
})
