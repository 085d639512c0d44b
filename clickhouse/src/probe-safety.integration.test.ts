import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ClickHouse } from './clickhouse.ts'
import { publishFactorSet, readFactorSet } from './factor-tables.ts'
import { probeSafety, requireSafety } from './probe-safety.ts'
import { migratedClickHouse, type TempClickHouse } from './test-support/temp-clickhouse.ts'

let temp: TempClickHouse
let ch: ClickHouse
beforeEach(async () => {
  ;({ temp, ch } = await migratedClickHouse())
})
afterEach(async () => await temp.remove())

describe('probeSafety', () => {
  test('finds nothing on what the migrations made, twice, and leaves no table behind', async () => {
    expect((await probeSafety(ch)).problems).toEqual([])
    expect((await probeSafety(ch)).problems).toEqual([])
    expect(await ch.query({ text: `SELECT name FROM system.tables WHERE name LIKE 'probe%'` })).toEqual([])
  })

  test.each([
    [
      'a window of 0',
      'ALTER TABLE ecomind.usage_15m MODIFY SETTING non_replicated_deduplication_window = 0',
      'usage_15m has non_replicated_deduplication_window 0',
    ],
    [
      'fsync off',
      'ALTER TABLE ecomind.usage_events MODIFY SETTING fsync_after_insert = 0',
      'usage_events has fsync_after_insert off',
    ],
    ['a view that is gone', 'DROP TABLE ecomind.usage_1h_view', 'usage_1h_view is missing'],
    ['a table that is gone', 'DROP TABLE ecomind.quarantine', 'quarantine is missing'],
  ])('refuses %s in words', async (_, change, words) => {
    await ch.command({ text: change })
    await expect(requireSafety(ch)).rejects.toThrow(words)
  })

  test('refuses an engine that stores a repeated block again', async () => {
    const forgetful: ClickHouse = {
      command: async (statement) => await ch.command(statement),
      query: async (statement, limits) => await ch.query(statement, limits),
      insertNative: async (table, block, token) => await ch.insertNative(table, block, `${token}-${Math.random()}`),
      close: async () => undefined,
    }
    await expect(requireSafety(forgetful)).rejects.toThrow('12 is right')
  })
})

describe('publishFactorSet', () => {
  const set = {
    factorSet: '2026.1',
    methodVersion: '1',
    factors: [
      {
        id: 'gpt-4o',
        record: { b: 1, a: ["it's", { z: null }] },
        source: 'a "source" \\',
        year: 2025,
        licence: 'CC BY 4.0',
      },
    ],
    grids: [{ id: 'us', record: { g: 0.4 }, source: 's', year: 2024, licence: 'public' }],
  }

  test('writes a set once and gives it back', async () => {
    await publishFactorSet(ch, set)
    await publishFactorSet(ch, set)
    expect(await readFactorSet(ch, '2026.1')).toEqual(set)
    expect(await ch.query({ text: 'SELECT toString(count()) AS n FROM ecomind.factors' })).toEqual([{ n: '1' }])
    expect(await readFactorSet(ch, 'other')).toBeNull()
  })

  test('the order of keys is no difference; a value is, and is refused', async () => {
    await publishFactorSet(ch, set)
    await publishFactorSet(ch, { ...set, factors: set.factors.map((f) => ({ ...f, record: { a: f.record.a, b: 1 } })) })
    const changed = { ...set, grids: set.grids.map((g) => ({ ...g, record: { g: 0.5 } })) }
    await expect(publishFactorSet(ch, changed)).rejects.toThrow('grids us')
    expect(await readFactorSet(ch, '2026.1')).toEqual(set)
  })

  test('a set that was cut off in the middle is completed', async () => {
    await publishFactorSet(ch, { ...set, grids: [] })
    await publishFactorSet(ch, set)
    expect(await readFactorSet(ch, '2026.1')).toEqual(set)
  })
})
