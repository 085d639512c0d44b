/**
 * The SQL for a cluster, as far as one process can tell. Syntax: the engine parses and prints every statement. Tables: the
 * engine makes the replicated ones over a keeper in memory, but can't write to them (no port between servers in process).
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Session } from 'chdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { onCluster } from './cluster-clickhouse.ts'
import { clusterStatements } from './cluster-statements.ts'
import { readMigrations } from './migrate.ts'
import { splitStatements } from './split-statements.ts'
import { clusterConfig } from './test-support/two-shards.ts'

const CLUSTER = 'main'
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
  let folder: string
  let session: Session
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cluster-statements-'))
    writeFileSync(join(folder, 'config.xml'), clusterConfig(CLUSTER, ['']))
    session = new Session(join(folder, 'data'), { connectionArgs: [`--config-file=${join(folder, 'config.xml')}`] })
  })
  afterAll(() => {
    // Closing would wait for replicas that never come up.
    rmSync(folder, { recursive: true, force: true })
  })
  const quoted = (text: string): string => `'${text.replace(/[\\']/g, (c) => `\\${c}`)}'`

  test('understands every statement, ON CLUSTER included', () => {
    for (const text of migrations.flatMap((m) => statementsOf(m.text))) {
      const printed = session.query(`SELECT formatQuery(${quoted(text)})`, 'TabSeparatedRaw')
      if (!/^(INSERT|SELECT)/.test(text)) expect(printed).toContain(`ON CLUSTER ${CLUSTER}`)
    }
  })

  test('makes the databases, the replicated and the distributed tables and a staging table of the first migrations', () => {
    const first = migrations.slice(0, 4).flatMap((m) => statementsOf(m.text))
    const staging = clusterStatements('CREATE TABLE ecomind.usage_1m_rebuild AS ecomind.usage_1m', CLUSTER)
    for (const text of [...statementsOf('CREATE DATABASE IF NOT EXISTS ecomind'), ...first, ...staging]) {
      // What ON CLUSTER does for a replicated table: one UUID for all replicas.
      const uuid = /^CREATE TABLE .*ecomind_local/.test(text) ? ` UUID '${randomUUID()}'` : ''
      session.query(text.replace(` ON CLUSTER '${CLUSTER}'`, uuid))
    }
    const engines = session.query(
      `SELECT concat(database, '.', name, ' ', engine) FROM system.tables WHERE database LIKE 'ecomind%' ORDER BY 1`,
      'TabSeparatedRaw',
    )
    expect(engines).toMatchSnapshot()
    const full = session.query("SELECT engine_full FROM system.tables WHERE name = 'usage_events' AND engine != 'Distributed'")
    expect(full).toContain('replicated_deduplication_window = 10000')
    expect(full).toContain('replicated_deduplication_window_seconds = 604800')
  })
})
