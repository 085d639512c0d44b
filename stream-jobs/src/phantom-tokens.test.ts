/** Tokens that outlived their part: what ClickHouse accepts under them it does not keep, and the loader must notice. */
import { LOADER_GROUP } from '@ecomind/schemas'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Intent, parseNote } from './intent.ts'
import type { FakeTarget } from './testing/fake-clickhouse.ts'
import { createWorld, live, type World } from './testing/loader-world.ts'
import { send, usageEvent } from './testing/traffic.ts'

const DAY_MS = 86_400_000
const TARGETS = ['usage', 'view', 'quarantine', 'ledger'] as const
/** Two first copies on two days, one conflict and one poison record, all in one batch. */
const WHOLE = { usage: 2, view: 2, quarantine: 2, ledger: 2, stored: 2, quarantined: 2 }

let world: World
let today: number
beforeEach(async () => {
  world = await createWorld(1)
  today = Math.floor(world.nowMs / DAY_MS)
  const events = [
    usageEvent({ event_id: 'event-a1', ts: world.nowMs }),
    usageEvent({ event_id: 'event-a2', ts: world.nowMs - DAY_MS }),
    usageEvent({ event_id: 'event-a1', ts: world.nowMs, tokens_in: 7 }),
  ]
  await send(world.log, { arrivedAtMs: world.nowMs, events })
  await send(world.log, Buffer.from('poison'), world.nowMs)
})

function held(): typeof WHOLE {
  const { usage, view, quarantine, ledger } = world.clickhouse.tables
  const sum = (pick: 'stored' | 'quarantined') => ledger.rows.reduce((total, row) => total + row[pick], 0)
  return {
    usage: usage.rows.length,
    view: view.rows.length,
    quarantine: quarantine.rows.length,
    ledger: ledger.rows.length,
    stored: sum('stored'),
    quarantined: sum('quarantined'),
  }
}

async function committed(): Promise<Intent | { readonly state: 'done'; readonly toCompare?: unknown } | null> {
  const membership = await world.log.join(LOADER_GROUP, {
    onAssigned: () => undefined,
    onRevoked: async () => undefined,
  })
  const commit = await membership.committed(0)
  await membership.leave()
  return commit === null ? null : parseNote(commit.note, { partition: 0, offset: commit.offset })
}

/** The rows of a part are gone, its token is still known. */
function losePart(target: FakeTarget): void {
  world.clickhouse.tables[target].rows.shift()
}

describe('a token without its part', () => {
  it.each(TARGETS)('left by a refused insert into %s: the repeat is checked and completed', async (of) => {
    expect(await live(world, { phantoms: { of, every: 2 } })).toEqual({ kind: 'loaded' })
    expect(held()).toEqual(WHOLE)
  })

  it.each(TARGETS)('left by a death inside an insert into %s: the redo is checked and completed', async (of) => {
    expect(await live(world, { death: { point: 'before-commit', passage: 1 } })).toEqual({ kind: 'died' })
    losePart(of)
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect(held()).toEqual(WHOLE)
  })

  it('again and again: a fresh token each time, until the rows are there', async () => {
    let left = 5
    const refuseRest = (): void => {
      left -= 1
      if (left > 0) world.clickhouse.tables.usage.rows.shift()
    }
    await live(world, { death: { point: 'before-commit', passage: 1 } })
    losePart('usage')
    const living = live(world)
    const step = world.clickhouse.onStep
    world.clickhouse.onStep = (at, table) => {
      step(at, table)
      if (at === 'after' && table === 'usage_events') refuseRest()
    }
    expect(await living).toEqual({ kind: 'loaded' })
    expect(left).toBe(0)
    expect(held()).toEqual(WHOLE)
  })

  it('is never trusted again once rows were missing, even while the intent is young', async () => {
    await live(world, { death: { point: 'before-commit', passage: 1 } })
    losePart('usage')
    // Dies after the missing rows went in under a token of their own.
    expect(await live(world, { death: { point: 'before-index', passage: 1 } })).toEqual({ kind: 'died' })
    expect(await committed()).toMatchObject({ state: 'intent', byPosition: true })
    world.clickhouse.forgetTokens()
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect(held()).toEqual(WHOLE)
  })

  it('costs nothing where no insert was repeated: no row is asked for and no day is compared', async () => {
    const asked: string[] = []
    const { query, differingDays } = world.clickhouse
    world.clickhouse.query = async (statement) => {
      asked.push(statement.text)
      return await query(statement)
    }
    world.clickhouse.differingDays = () => {
      asked.push('differing days')
      return differingDays()
    }
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect(asked.filter((text) => /toString\(log_offset\)|org_id AS org|differing days/.test(text))).toEqual([])
    expect(held()).toEqual(WHOLE)
  })
})

describe('days whose rollups are in doubt', () => {
  it('stand in the commit notes until they were compared, so a kill before that loses nothing', async () => {
    // Refused once, so the batch is in doubt; killed between its commit and the comparison.
    const phantoms = { of: 'view', every: 2 } as const
    const death = { point: 'after-commit', passage: 1 } as const
    expect(await live(world, { phantoms, death })).toEqual({ kind: 'died' })
    expect(held()).toEqual({ ...WHOLE, view: 1 })
    expect(await committed()).toMatchObject({ state: 'done', toCompare: [[today - 1, today]] })
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect(held()).toEqual(WHOLE)
  })

  it('stand in an intent as well, which takes the place of the note before it', async () => {
    const phantoms = { of: 'view', every: 2 } as const
    await live(world, { phantoms, death: { point: 'after-commit', passage: 1 } })
    const later = world.nowMs + 5 * DAY_MS
    await send(world.log, { arrivedAtMs: later, events: [usageEvent({ event_id: 'event-b1', ts: later })] })
    const { differingDays } = world.clickhouse
    world.clickhouse.differingDays = () => {
      throw new Error('not today')
    }
    expect(await live(world, { death: { point: 'after-intent', passage: 1 } })).toEqual({ kind: 'died' })
    expect(await committed()).toMatchObject({ state: 'intent', toCompare: [[today - 1, today]] })
    world.clickhouse.differingDays = differingDays
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect(held()).toMatchObject({ usage: 3, view: 3 })
  })

  it('are handed on by the notes of later batches, and leave them once compared', async () => {
    const phantoms = { of: 'view', every: 2 } as const
    await live(world, { phantoms, death: { point: 'after-commit', passage: 1 } })
    await send(world.log, { arrivedAtMs: world.nowMs, events: [usageEvent({ event_id: 'event-b1', ts: world.nowMs })] })
    const { repair, differingDays } = world.clickhouse
    world.clickhouse.differingDays = () => {
      throw new Error('not today')
    }
    expect(await live(world, { death: { point: 'after-commit', passage: 1 } })).toEqual({ kind: 'died' })
    expect(await committed()).toMatchObject({ state: 'done', toCompare: [[today - 1, today]] })
    world.clickhouse.differingDays = differingDays
    world.clickhouse.repair = async (days) => {
      await repair(days)
      // Loaded after the comparison: nobody gets past the gate meanwhile.
      const events = [usageEvent({ event_id: 'event-b2', ts: world.nowMs })]
      await send(world.log, { arrivedAtMs: world.nowMs, events })
    }
    expect(await live(world)).toEqual({ kind: 'loaded' })
    expect(held()).toMatchObject({ usage: 4, view: 4 })
    expect(await committed()).not.toHaveProperty('toCompare')
  })

  it.each(['in the same life', 'after a restart'])(
    'hold the watermark back %s: no window is final before',
    async (when) => {
      world.nowMs += DAY_MS
      const phantoms = { of: 'view', every: 2 } as const
      if (when === 'after a restart') await live(world, { phantoms, death: { point: 'after-commit', passage: 1 } })
      const { repair } = world.clickhouse
      const before: (number | null)[] = []
      let compared = false
      world.clickhouse.repair = async (days) => {
        // Long enough for a watermark that is not held to show.
        await new Promise((resolve) => setTimeout(resolve, 20))
        compared = true
        await repair(days)
      }
      const outcome = await live(world, {
        phantoms,
        onWatermark: (ms) => !compared && before.push(ms),
        untilWatermarkMs: world.nowMs - 60_000,
      })
      expect(outcome).toEqual({ kind: 'loaded' })
      expect(compared).toBe(true)
      expect(before.length).toBeGreaterThan(0)
      expect(before.every((ms) => ms === null)).toBe(true)
    },
  )
})
