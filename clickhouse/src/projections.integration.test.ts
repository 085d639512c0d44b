import { readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { ClickHouse } from './clickhouse.ts'
import { isDamage } from './engine-errors.ts'
import { insertUsageRows } from './insert-usage-rows.ts'
import { mendProjections, remakeProjections } from './mend-projections.ts'
import { migrate, readMigrations } from './migrate.ts'
import { monthsOfPerson, moveInRollup } from './move-person.ts'
import { rebuildRollups } from './rebuild-rollups.ts'
import { sampleRows } from './test-support/sample-rows.ts'
import { migratedClickHouse, type TempClickHouse, tempClickHouse } from './test-support/temp-clickhouse.ts'

const DAY_MS = 86_400_000
const AROUND_MS = Date.UTC(2026, 9, 1, 12)
const PROJECTIONS = [
  ['usage_1h', 'without_people'],
  ['usage_1d', 'without_users'],
] as const
const rows = (seed: number, firstOffset: number, count: number) =>
  sampleRows({ seed, count, firstOffset, aroundMs: AROUND_MS, spreadMs: 3 * DAY_MS })

let temp: TempClickHouse
afterEach(async () => await temp.remove())

async function filled(): Promise<ClickHouse> {
  const made = await migratedClickHouse()
  temp = made.temp
  // Enough that it makes a difference to the engine where a person's rows lie.
  await insertUsageRows(made.ch, rows(1, 0, 30_000), 'first')
  await insertUsageRows(made.ch, rows(2, 50_000, 1000), 'second')
  return made.ch
}

/** What dashboards ask, of the rows or of what is kept beside them. */
async function sums(ch: ClickHouse, table: string, projections: boolean, more = ''): Promise<readonly unknown[]> {
  const columns = ['calls', 'calls_measured', 'tokens_in', 'tokens_reasoning', 'kwh_high', 'co2_kg_use', 'water_l']
  return await ch.query(
    {
      text: `SELECT org_id, model, factor_id, toUnixTimestamp(max(watermark_at)) AS at, max(factor_set) AS set_id,
          ${columns.map((c) => `sum(${c}) AS s_${c}`).join(', ')}
        FROM ecomind.${table} WHERE generation <= 4294967295${more}
        GROUP BY org_id, model, factor_id HAVING s_calls != 0 ORDER BY org_id, model, factor_id`,
    },
    { projections },
  )
}

const OF_PERSON = " AND org_id = 'org_demo' AND user_id = 'user_1@example.com'"
const PERSON = { orgId: 'org_demo', userId: 'user_1@example.com' }

async function expectSame(ch: ClickHouse): Promise<void> {
  for (const [table] of PROJECTIONS) {
    const fromRows = await sums(ch, table, false)
    expect(fromRows.length).toBeGreaterThan(10)
    expect(await sums(ch, table, true)).toEqual(fromRows)
  }
  expect(await sums(ch, 'usage_1d', true, OF_PERSON)).toEqual(await sums(ch, 'usage_1d', false, OF_PERSON))
}

async function kept(
  ch: ClickHouse,
): Promise<readonly { table: string; parts: string; parents: string; broken: string }[]> {
  return await ch.query({
    text: `SELECT p.table AS table, uniqExact(parent_name) AS parts, sum(is_broken) AS broken,
        (SELECT count() FROM system.parts AS o WHERE o.database = 'ecomind' AND o.active AND o.table = p.table) AS parents
      FROM system.projection_parts AS p WHERE p.database = 'ecomind' AND p.active GROUP BY p.table ORDER BY p.table`,
  })
}

describe('projections of the rollups', () => {
  it('answer what the rows answer: after inserts, merges, a rebuild and an erasure', async () => {
    const ch = await filled()
    const asked = [...PROJECTIONS.map(([table, name]) => [table, name, '']), ['usage_1d', 'by_user', OF_PERSON]]
    for (const [table, name, more] of asked) {
      const text = `SELECT explain FROM (EXPLAIN SELECT model, sum(kwh) FROM ecomind.${table} WHERE 1${more} GROUP BY model)`
      const planOf = async (projections: boolean) =>
        (await ch.query<{ explain: string }>({ text }, { projections })).map((line) => line.explain).join('\n')
      expect(await planOf(true)).toContain(`ReadFromMergeTree (${name})`)
      expect(await planOf(false)).not.toContain(name)
    }
    await expectSame(ch)
    for (const [table] of PROJECTIONS) await ch.command({ text: `OPTIMIZE TABLE ecomind.${table} FINAL` })
    await expectSame(ch)
    await ch.command({
      text: `ALTER TABLE ecomind.usage_1d DELETE WHERE toDate(window_start) = '2026-10-01' SETTINGS mutations_sync = 2`,
    })
    await expectSame(ch)
    const { rebuilt, remaining } = await rebuildRollups(ch, { whileLoadingPaused: async (work) => await work() })
    expect(rebuilt).toEqual(['usage_1d 202610'])
    expect(remaining).toEqual([])
    await expectSame(ch)
    const months = await monthsOfPerson(ch, 'usage_1d', PERSON)
    expect(months.length).toBeGreaterThan(0)
    for (const month of months) await moveInRollup(ch, 'usage_1d', month, { ...PERSON, mark: 'm', target: 'gone' })
    await expectSame(ch)
    for (const { parts, parents, broken } of await kept(ch)) expect([parts, broken]).toEqual([parents, '0'])
  })

  it.each([
    ['cut short', cutShort],
    ['lost', lose],
  ])('that a power cut has %s are left out of answers, and made again', async (_, breakFiles) => {
    let ch = await filled()
    const before = await sums(ch, 'usage_1d', false)
    await ch.close()
    expect(await breakFiles(temp.target.dataDir)).toBeGreaterThan(0)
    ch = await temp.open('loader')
    expect((await kept(ch)).map(({ table, broken }) => [table, broken !== '0'])).toEqual([
      ['usage_1d', true],
      ['usage_1h', true],
    ])
    expect(await sums(ch, 'usage_1d', true)).toEqual(before)
    await expectSame(ch)
    const mended = await mendProjections(ch)
    expect(mended).toContain('usage_1d without_users 202610')
    expect(mended).toContain('usage_1h without_people 202609')
    await expect.poll(async () => (await kept(ch)).map(({ broken }) => broken), { timeout: 60_000 }).toEqual(['0', '0'])
    await expectSame(ch)
    expect(await mendProjections(ch)).toEqual([])
  })

  it('whose bytes are others are damage that is told, and made again', async () => {
    let ch = await filled()
    await ch.close()
    expect(await garble(temp.target.dataDir)).toBeGreaterThan(0)
    ch = await temp.open('loader')
    const read = await sums(ch, 'usage_1d', true).catch((error: unknown) => error)
    expect(isDamage(read), String(read)).toBe(true)
    expect((await sums(ch, 'usage_1d', false)).length).toBeGreaterThan(10)
    await remakeProjections(ch)
    await expect
      .poll(async () => await sums(ch, 'usage_1d', true).catch(() => null), { timeout: 60_000 })
      .not.toBeNull()
    await expectSame(ch)
  })

  it('are made of rows that were there before', async () => {
    temp = await tempClickHouse()
    const ch = await temp.open('loader')
    await migrate(ch, readMigrations().slice(0, 8))
    await insertUsageRows(ch, rows(3, 0, 1000), 'before')
    expect(await kept(ch)).toEqual([])
    await migrate(ch)
    await expectSame(ch)
    await expect
      .poll(async () => (await kept(ch)).map(({ parts, parents }) => parts === parents), { timeout: 60_000 })
      .toEqual([true, true])
    await expectSame(ch)
  })
})

/** As files are whose bytes were never flushed. */
async function cutShort(dataDir: string): Promise<number> {
  const entries = await readdir(dataDir, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && entry.parentPath.includes('.proj'))
  for (const { parentPath, name } of files) await truncate(join(parentPath, name), 0)
  return files.length
}

async function lose(dataDir: string): Promise<number> {
  const entries = await readdir(dataDir, { recursive: true, withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name.endsWith('.proj'))
  for (const { parentPath, name } of folders) await rm(join(parentPath, name), { recursive: true })
  return folders.length
}

/** As long as before, of other bytes. */
async function garble(dataDir: string): Promise<number> {
  const entries = await readdir(dataDir, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.name.endsWith('.bin') && entry.parentPath.includes('.proj'))
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name)
    await writeFile(path, Buffer.alloc((await stat(path)).size))
  }
  return files.length
}
