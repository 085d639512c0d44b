/**
 * The SQL for a cluster, as far as one process can tell. Syntax: the engine parses and prints every statement. Tables: the
 * engine makes the replicated ones over a keeper in memory, but can't write to them (no port between servers in process).
 */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Session } from 'chdb'
import { describe, expect, test } from 'vitest'
import { onCluster } from './cluster-clickhouse.ts'
import { clusterStatements } from './cluster-statements.ts'
import { readMigrations } from './migrate.ts'
import { splitStatements } from './split-statements.ts'

const CLUSTER = 'main'
const MAKE_TABLES = new URL('./test-processes/make-cluster-tables.ts', import.meta.url).pathname
const migrations = readMigrations()
const statementsOf = (text: string): readonly string[] =>
  splitStatements(text).flatMap((statement) => clusterStatements(statement, CLUSTER))

describe('clusterStatements', () => {
  test.each(migrations.map((m) => [m.name, m.text] as const))('%s is as it was written down', async (name, text) => {
    await expect(`${statementsOf(text).join(';\n\n')};\n`).toMatchFileSnapshot(`../golden/cluster/${name}`)
  })

  test.each([
    ['CREATE TABLE ecomind.usage_1m_rebuild AS ecomind.usage_1m', 'a staging table gets a path of its own'],
    ['DROP TABLE IF EXISTS ecomind.usage_1m_rebuild SYNC', 'both tables go'],
    ['ALTER TABLE ecomind.usage_1m REPLACE PARTITION 202511 FROM ecomind.usage_1m_rebuild', 'on the local tables'],
    ['ALTER TABLE ecomind.usage_1m ATTACH PARTITION 202511 FROM ecomind.usage_1m_recomputation', 'on the local tables'],
    ['ALTER TABLE ecomind.x_recomputation MODIFY SETTING min_rows_to_fsync_after_merge = 1', 'no column, no new table'],
    ['OPTIMIZE TABLE ecomind.usage_1m_recomputation FINAL', 'on every shard'],
    ['CREATE TABLE ecomind.c (a String) ENGINE = Memory', 'lives on one server'],
    ['INSERT INTO ecomind.usage_1m SELECT * FROM ecomind.usage_1m', 'through the distributed tables'],
  ])('%s: %s', (text) => {
    expect(clusterStatements(text, CLUSTER).join(';\n')).toMatchSnapshot()
  })

  test('refuses what it does not know instead of running it on one server', () => {
    expect(() => clusterStatements('RENAME TABLE ecomind.a TO ecomind.b', CLUSTER)).toThrow(RangeError)
  })
})

describe('onCluster', () => {
  test('asks all shards for their parts, and one server for its tables', () => {
    expect(onCluster("SELECT 1 FROM system.parts WHERE database = 'ecomind'", CLUSTER)).toBe(
      "SELECT 1 FROM cluster('main', system.parts) WHERE database = 'ecomind_local'",
    )
    expect(onCluster("SELECT 1 FROM system.tables WHERE database = 'ecomind'", CLUSTER)).toBe(
      "SELECT 1 FROM system.tables WHERE database = 'ecomind_local'",
    )
    expect(onCluster("SELECT 'ecomind' FROM ecomind.usage_1m", CLUSTER)).toBe("SELECT 'ecomind' FROM ecomind.usage_1m")
  })
})

describe('the engine', () => {
  test('understands every statement, ON CLUSTER included', () => {
    const session = new Session()
    const quoted = (text: string): string => `'${text.replace(/[\\']/g, (c) => `\\${c}`)}'`
    for (const text of migrations.flatMap((m) => statementsOf(m.text))) {
      const printed = session.query(`SELECT formatQuery(${quoted(text)})`, 'TabSeparatedRaw')
      if (!/^(INSERT|SELECT)/.test(text)) expect(printed).toContain(`ON CLUSTER ${CLUSTER}`)
    }
    session.close()
  })

  test('makes the replicated and the distributed tables, a staging table too', async () => {
    const made = [
      'CREATE DATABASE IF NOT EXISTS ecomind',
      ...migrations.slice(0, 4).map((m) => m.text),
      'CREATE TABLE ecomind.usage_1m_rebuild AS ecomind.usage_1m',
    ].flatMap(statementsOf)
    expect(await makeTables(made.map(onThisServer))).toMatchSnapshot()
  })
})

/** What ON CLUSTER does on each server: the statement itself, a replicated table under one UUID for all replicas. */
function onThisServer(text: string): string {
  const uuid = /^CREATE TABLE .*ecomind_local/.test(text) ? ` UUID '${randomUUID()}'` : ''
  return text.replace(` ON CLUSTER '${CLUSTER}'`, uuid)
}

async function makeTables(statements: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-statements-'))
  const file = join(folder, 'statements.json')
  writeFileSync(file, JSON.stringify(statements))
  try {
    return await new Promise((resolve) => {
      execFile(process.execPath, ['--import', 'tsx', MAKE_TABLES, file], (_, stdout, stderr) =>
        resolve(stdout + stderr),
      )
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
