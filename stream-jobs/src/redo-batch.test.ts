/** What the next start makes of what the last one left: open intents, contradictions between log and database. */
import { LOADER_GROUP } from '@ecomind/schemas'
import { beforeEach, describe, expect, it } from 'vitest'
import { createMemoryIndex, IndexDamagedError } from './dedupe-index.ts'
import { allocateIds } from './id-columns.ts'
import { fakeModel, fakeModels } from './testing/fake-model.ts'
import { createWorld, live, type World } from './testing/loader-world.ts'
import { send, usageEvent } from './testing/traffic.ts'

const NOTHING = allocateIds(0)

let world: World
beforeEach(async () => {
  world = await createWorld(1)
  await send(world.log, {
    arrivedAtMs: world.nowMs,
    events: ['event-a1', 'event-a2', 'event-a1'].map((id) => usageEvent({ event_id: id })),
  })
})

const stored = () => world.clickhouse.tables.usage.rows.map((row) => [row.event_id, row.factor_set, row.kwh])
const viewed = () => world.clickhouse.tables.view.rows.length
const die = async (point: Parameters<typeof live>[1]): Promise<void> => {
  expect(await live(world, point)).toEqual({ kind: 'died' })
}

describe('an open intent', () => {
  it('is done under the factor set it recorded, not under the running one', async () => {
    await die({ death: { point: 'after-intent', passage: 1 } })
    world.models = fakeModels(fakeModel('set@2', 9), fakeModel('set@1', 1000))
    await send(world.log, { arrivedAtMs: world.nowMs, events: [usageEvent({ event_id: 'event-a3' })] })
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect(stored()).toEqual([
      ['event-a1', 'set@1', 250_000],
      ['event-a2', 'set@1', 250_000],
      ['event-a3', 'set@2', 2250],
    ])
  })

  it('stops the partition when its factor set is nowhere to be had, and says what to do', async () => {
    await die({ death: { point: 'after-intent', passage: 1 } })
    world.models = fakeModels(fakeModel('set@2', 9))
    expect(await live(world)).toMatchObject({
      kind: 'faulty',
      detail: expect.stringContaining('restore the tables factors and grids'),
    })
    expect(stored()).toEqual([])
  })

  it('that is younger than the memory for tokens is sent again whole and completes the views', async () => {
    await die({ death: { point: 'between-views', passage: 1 } })
    expect([stored().length, viewed()]).toEqual([2, 0])
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect([stored().length, viewed()]).toEqual([2, 2])
  })

  it('whose token went with the power, while its rows had been flushed, adds only what is missing', async () => {
    await die({ death: { point: 'after-insert-usage', passage: 1 } })
    world.clickhouse.forgetTokens()
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect([stored().length, viewed(), world.clickhouse.tables.ledger.rows.length]).toEqual([2, 2, 1])
  })

  it('whose tokens are all gone behind its last insert doubles no row of any table', async () => {
    await die({ death: { point: 'after-insert-ledger', passage: 1 } })
    world.clickhouse.forgetTokens()
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect([stored().length, viewed(), world.clickhouse.tables.ledger.rows.length]).toEqual([2, 2, 1])
  })

  it('that is older is compared by position: nothing twice though the token is forgotten, views repaired', async () => {
    await die({ death: { point: 'between-views', passage: 1 } })
    world.nowMs += 3_600_000
    world.clickhouse.forgetTokens()
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect([stored().length, viewed(), world.clickhouse.tables.ledger.rows.length]).toEqual([2, 2, 1])
  })

  it('that is older and of which a part went in gets the rest, also when that is cut off again', async () => {
    await die({ death: { point: 'after-insert-usage', passage: 1 } })
    const { tables } = world.clickhouse
    tables.usage.rows.pop()
    world.nowMs += 3_600_000
    world.clickhouse.forgetTokens()
    await die({ death: { point: 'after-insert-usage', passage: 1 } })
    expect(stored().map(([id]) => id)).toEqual(['event-a1', 'event-a2'])
    world.nowMs += 3_600_000
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect([stored().length, viewed(), tables.ledger.rows.length]).toEqual([2, 2, 1])
  })

  it('under another method version is compared by position as well', async () => {
    await die({ death: { point: 'after-insert-usage', passage: 1 } })
    world.models = fakeModels({ ...fakeModel('set@1', 777), methodVersion: '2' })
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect(stored()).toEqual([
      ['event-a1', 'set@1', 250_000],
      ['event-a2', 'set@1', 250_000],
    ])
  })

  it('whose clock lies in the future is not trusted', async () => {
    await die({ death: { point: 'after-insert-ledger', passage: 1 } })
    world.nowMs -= 3_600_000
    world.clickhouse.forgetTokens()
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect(stored()).toHaveLength(2)
  })
})

describe('contradictions', () => {
  const member = async () => {
    const membership = await world.log.join(LOADER_GROUP, {
      onAssigned: () => undefined,
      onRevoked: async () => undefined,
    })
    return {
      commit: async (offset: number, note: string) => {
        await membership.commit(0, offset, note)
        await membership.leave()
      },
      note: async () => {
        const committed = await membership.committed(0)
        await membership.leave()
        return committed?.note ?? ''
      },
    }
  }

  it('a note that is not ours stops the partition', async () => {
    await (await member()).commit(0, '{"state":"else"}')
    expect(await live(world)).toMatchObject({ kind: 'faulty', detail: expect.stringContaining('commit note') })
  })

  it('an intent whose records are not those it was written for stops the partition', async () => {
    await die({ death: { point: 'after-intent', passage: 1 } })
    const note = await (await member()).note()
    await (await member()).commit(0, note.replace('"count":3', '"count":4'))
    expect(await live(world)).toMatchObject({ kind: 'faulty', detail: expect.stringContaining('4 and 2 are wanted') })
    expect(stored()).toEqual([])
  })

  it('commits of another log stop the partition', async () => {
    await live(world)
    const note = await (await member()).note()
    await (await member()).commit(1, note.replace(/"generation":\d+/, '"generation":77'))
    expect(await live(world)).toMatchObject({ kind: 'faulty', detail: expect.stringContaining('of log 77') })
  })

  it('a database ahead of the commits stops the partition: nothing is inserted a second time', async () => {
    await live(world)
    await (await member()).commit(0, '')
    expect(await live(world)).toMatchObject({
      kind: 'faulty',
      detail: expect.stringContaining('holds 2 events from offset 0 on'),
    })
    expect(stored()).toHaveLength(2)
  })

  it('a database behind the commits stops the partition', async () => {
    await live(world)
    world.clickhouse.tables.ledger.rows.length = 0
    expect(await live(world)).toMatchObject({
      kind: 'faulty',
      detail: expect.stringContaining('Restore the newest backup'),
    })
  })
})

describe('a dedupe index', () => {
  it('that is from another time of this log is built anew', async () => {
    await live(world)
    await world.indexes.get(0)?.add(NOTHING, new Uint32Array(0), world.log.generation, {
      generation: world.log.generation,
      partitions: 1,
      offset: 99,
    })
    await send(world.log, { arrivedAtMs: world.nowMs, events: [usageEvent({ event_id: 'event-a1' })] })
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect(stored()).toHaveLength(2)
    expect(world.indexes.get(0)?.marker()).toMatchObject({ offset: 2 })
  })

  it('that is behind catches up from ClickHouse', async () => {
    await live(world)
    await world.indexes.get(0)?.clear()
    await world.indexes.get(0)?.add(NOTHING, new Uint32Array(0), world.log.generation, {
      generation: world.log.generation,
      partitions: 1,
      offset: 0,
    })
    await send(world.log, { arrivedAtMs: world.nowMs, events: [usageEvent({ event_id: 'event-a1' })] })
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect(stored()).toHaveLength(2)
  })

  it('that turns out damaged is cleared and rebuilt, once the disk takes it again', async () => {
    await live(world)
    const kept = world.indexes.get(0) ?? createMemoryIndex()
    let state: 'damaged' | 'disk full' | 'sound' = 'damaged'
    world.indexes.set(0, {
      ...kept,
      findAll: (...args) => {
        if (state !== 'sound') throw new IndexDamagedError('page 7 is damaged')
        kept.findAll(...args)
      },
      clear: async () => {
        if (state === 'damaged') {
          state = 'disk full'
          throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
        }
        state = 'sound'
        await kept.clear()
      },
    })
    const events = ['event-a1', 'event-a9'].map((id) => usageEvent({ event_id: id }))
    await send(world.log, { arrivedAtMs: world.nowMs, events })
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect(stored().map(([id]) => id)).toEqual(['event-a1', 'event-a2', 'event-a9'])
  })
})
