import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouse, migrate, openClickHouse } from '@ecomind/clickhouse'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { publishSet, readDefined } from './factor-sets.ts'
import { publishOnce } from './publish-applied.ts'

const folder = mkdtempSync(join(tmpdir(), 'ecomind-applied-'))
const set = loadDefaultFactorSet()
let clickhouse: ClickHouse

beforeAll(async () => {
  const target = { kind: 'embedded', dataDir: join(folder, 'clickhouse'), spoolDir: join(folder, 'spool') } as const
  clickhouse = await openClickHouse(target, { role: 'api' })
  await migrate(clickhouse)
  await publishSet(clickhouse, set)
})
afterAll(async () => {
  await clickhouse.close()
  rmSync(folder, { recursive: true, force: true })
})

const roll = (factorSet: string, factorId: string) =>
  clickhouse.command({
    text: `INSERT INTO ecomind.usage_1d (window_start, org_id, factor_set, factor_id, calls)
      VALUES ('2026-11-01 00:00:00', 'org_demo', {factor_set:String}, {factor_id:String}, 1)`,
    params: { factor_set: factorSet, factor_id: factorId },
  })
const written = async () =>
  await clickhouse.query<{ id: string; class: string }>({
    text: `SELECT id, JSONExtractString(record, 'value', 'class') AS class FROM ecomind.factors FINAL
      WHERE JSONExtractString(record, 'kind') = 'factor' ORDER BY id`,
  })

test('every factor that rollups name can be joined: tiers, unlisted hosts and what lies under an override', async () => {
  await roll(set.id, 'openai/gpt-4o')
  await roll(set.id, 'openai/gpt-4o+batch')
  await roll(set.id, 'groq/claude-opus-4')
  await roll(`${set.id}+org_demo.3`, 'override/0192/1/anthropic/claude-opus-4')
  await roll(set.id, 'openai/never-heard-of')
  await roll('lost@1', 'openai/gpt-4o')
  const deps = {
    clickhouse,
    loadSet: (id: string) => readDefined(clickhouse, id),
    logger: pino({ level: 'silent' }),
  }
  const hopeless = new Set<string>()
  await publishOnce(deps, hopeless)
  await publishOnce(deps, hopeless)
  const classOf = (id: string) => set.factorById(id)?.class
  const ids = ['anthropic/claude-opus-4', 'groq/claude-opus-4', 'openai/gpt-4o', 'openai/gpt-4o+batch']
  expect(await written()).toEqual(ids.map((id) => ({ id, class: classOf(id) })))
  expect([...hopeless].sort()).toEqual([`lost@1 openai/gpt-4o`, `${set.id} openai/never-heard-of`].sort())
  // What stands beside them does not disturb the set.
  expect((await readDefined(clickhouse, set.id))?.checksum).toBe(set.checksum)
})
