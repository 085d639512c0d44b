import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouse, ClickHouseError, migrate, openClickHouse } from '@ecomind/clickhouse'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { type Database, openDatabase } from '@ecomind/serving-api'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { publishSet, readModel, readSet } from './factor-sets.ts'
import { followOverrides } from './follow-overrides.ts'

const root = mkdtempSync(join(tmpdir(), 'ecomind-follow-'))
const logger = pino({ level: 'silent' })
const base = loadDefaultFactorSet()
let clickhouse: ClickHouse
let database: Database

const INSERT = `INSERT INTO ecomind.factor_override_versions
  (org_id, id, version, override, created_by, created_at, deleted_at, org_revision, revision)
  VALUES ($1, $2, $3, $4, 'test', now(), $5, $6, $7)`
let revision = 0
async function store(orgId: string, id: string, version: number, orgRevision: number, deleted = false): Promise<void> {
  revision += 1
  const kwh = version / 4
  const override = {
    provider: 'openai',
    model: 'gpt-4o',
    energy: { form: 'call', boundary: 'facility', kwh_per_call: { low: kwh, central: kwh, high: kwh } },
    valid_from_ms: 1000,
    valid_to_ms: null,
    tier: 'B',
    evidence: { text: 'measured', year: 2026 },
  }
  await database.query(INSERT, [orgId, id, version, override, deleted ? new Date() : null, orgRevision, revision])
}

beforeAll(async () => {
  const target = { kind: 'embedded', dataDir: join(root, 'clickhouse'), spoolDir: join(root, 'spool') } as const
  clickhouse = await openClickHouse(target, { role: 'loader' })
  await migrate(clickhouse)
  await publishSet(clickhouse, base)
  database = await openDatabase({ kind: 'pglite', folder: join(root, 'control') })
})
afterAll(async () => {
  await database.close()
  await clickhouse.close()
  rmSync(root, { recursive: true, force: true })
})

const factorOf = (model: Awaited<ReturnType<typeof readModel>>, orgId: string) =>
  model?.factorsOf(orgId).resolve('openai', 'gpt-4o', 'FR', null, 1000).factorId

test('every change is published before it runs, and each earlier state is found again', async () => {
  const followed = await followOverrides({ clickhouse, database, base, logger })
  expect(followed.model().id).toBe(base.id)

  await store('org-a', 'ov1', 1, 1)
  await followed.refresh()
  const first = followed.model()
  await store('org-b', 'ov2', 1, 1)
  await store('org-a', 'ov1', 2, 2)
  await followed.refresh()
  const second = followed.model()
  await store('org-a', 'ov1', 3, 3, true)
  await followed.refresh()
  const third = followed.model()

  const states = [first, second, third]
  expect(new Set(states.map((m) => m.id)).size).toBe(3)
  expect(states.map((m) => [factorOf(m, 'org-a'), factorOf(m, 'org-b')])).toEqual([
    ['override/ov1/1/openai/gpt-4o', 'openai/gpt-4o'],
    ['override/ov1/2/openai/gpt-4o', 'override/ov2/1/openai/gpt-4o'],
    ['openai/gpt-4o', 'override/ov2/1/openai/gpt-4o'],
  ])
  for (const state of states) {
    const found = await readModel(clickhouse, state.id)
    for (const orgId of ['org-a', 'org-b', 'org-c']) {
      expect(found?.factorsOf(orgId).factorSet).toBe(state.factorsOf(orgId).factorSet)
      expect(factorOf(found, orgId)).toBe(factorOf(state, orgId))
    }
  }
  const ofB = await readSet(clickhouse, followed.setOf('org-b').id)
  expect(ofB?.id).toBe(followed.setOf('org-b').id)
  expect(await readModel(clickhouse, `${base.id}+overrides.99-00000000`)).toBeNull()
  await followed.stop()

  // The next process comes to the same id: a redo does not even have to read it.
  const again = await followOverrides({ clickhouse, database, base, logger })
  expect(again.model().id).toBe(third.id)
  await again.stop()
})

test('what can not be published does not run, and is taken up when it can', async () => {
  let refusing = false
  const wrapped: ClickHouse = {
    query: (...given) => clickhouse.query(...given),
    insertNative: (...given) => clickhouse.insertNative(...given),
    close: async () => {},
    command: async (...given) => {
      if (refusing) throw new ClickHouseError('refused', null, true)
      await clickhouse.command(...given)
    },
  }
  const followed = await followOverrides({ clickhouse: wrapped, database, base, logger })
  const before = followed.model().id
  refusing = true
  await store('org-c', 'ov3', 1, 1)
  await expect(followed.refresh()).rejects.toThrow('refused')
  expect(followed.model().id).toBe(before)
  refusing = false
  await followed.refresh()
  expect(factorOf(followed.model(), 'org-c')).toBe('override/ov3/1/openai/gpt-4o')
  await followed.stop()
})
