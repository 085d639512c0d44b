/** Any traffic, any batching, any deaths and refusals: what is stored is what the oracle says, once. */
import { partitionOf } from '@ecomind/schemas'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FAULT_POINTS } from './fault-points.ts'
import { createWorld, type Death, live, type Phantoms, type World } from './testing/loader-world.ts'
import { oracle, type SentBatch, send, usageEvent } from './testing/traffic.ts'

const DAY_MS = 86_400_000
const NOON = 1_760_011_200_000

const event = fc
  .record({ id: fc.nat(12), content: fc.constantFrom(0, 0, 0, 1), minutesAgo: fc.integer({ min: -10, max: 3000 }) })
  .map(({ id, content, minutesAgo }) =>
    usageEvent({
      event_id: `event-${String(id).padStart(4, '0')}`,
      tokens_in: 100 + content,
      ts: NOON - minutesAgo * 60_000,
    }),
  )
/** Copies of one id with different times are conflicts too; to have plain duplicates the time hangs on the id half of the time. */
const steadyEvent = fc
  .record({ id: fc.nat(12), content: fc.constantFrom(0, 0, 0, 1) })
  .map(({ id, content }) =>
    usageEvent({ event_id: `event-${String(id).padStart(4, '0')}`, tokens_in: 100 + content, ts: NOON - id * 600_000 }),
  )
const batch: fc.Arbitrary<SentBatch> = fc.record({
  arrivedAtMs: fc.constantFrom(0, 0, 1, 20, 34, 35, 36, 71).map((day) => NOON + day * DAY_MS),
  events: fc.array(fc.oneof({ weight: 4, arbitrary: steadyEvent }, { weight: 1, arbitrary: event }), {
    minLength: 1,
    maxLength: 6,
  }),
})
const poison = fc.uint8Array({ minLength: 1, maxLength: 20 })
const sent = fc.array(fc.oneof({ weight: 8, arbitrary: batch }, { weight: 1, arbitrary: poison }), {
  minLength: 1,
  maxLength: 12,
})
const death: fc.Arbitrary<Death> = fc.record({
  point: fc.constantFrom(...FAULT_POINTS, 'between-views' as const, 'between-token-and-part' as const),
  passage: fc.integer({ min: 1, max: 3 }),
})
const deathAtCall: fc.Arbitrary<Death> = fc.record({
  point: fc.constant('call' as const),
  passage: fc.integer({ min: 1, max: 60 }),
})
const phantoms: fc.Arbitrary<Phantoms | undefined> = fc.option(
  fc.record({
    of: fc.constantFrom('usage' as const, 'view' as const, 'quarantine' as const, 'ledger' as const),
    every: fc.integer({ min: 2, max: 4 }),
  }),
  { nil: undefined },
)
const life = fc.record({
  /** How many of the batches are sent before this life. */
  sends: fc.nat(4),
  death: fc.oneof({ weight: 2, arbitrary: death }, { weight: 1, arbitrary: deathAtCall }),
  eventsMax: fc.integer({ min: 1, max: 12 }),
  refuseEvery: fc.constantFrom(undefined, 3, 5, 7),
  phantoms,
  loseIndex: fc.constantFrom(false, false, false, true),
  /** Time that passes before the next life. */
  awayMs: fc.constantFrom(0, 1000, 3_600_000),
  forgetTokens: fc.boolean(),
})

describe('the loader', () => {
  it('stores every first copy once, whatever dies or refuses, in whatever batches', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(sent, fc.array(life, { maxLength: 8 }), async (batches, lives) => {
        const world = await createWorld(2)
        // A dead loader never sees the records of an earlier day after those of a later one.
        const ordered = [...batches].sort((a, b) => dayOf(a) - dayOf(b))
        const pending = [...ordered]
        for (const { sends, death, eventsMax, refuseEvery, phantoms, loseIndex, awayMs, forgetTokens } of lives) {
          for (const one of pending.splice(0, sends)) await send(world.log, one)
          const settings = { batch: { eventsMax, bytesMax: 100_000 } }
          const outcome = await live(world, {
            death,
            settings,
            ...(refuseEvery === undefined ? {} : { refuseEvery }),
            ...(phantoms === undefined ? {} : { phantoms }),
          })
          expect(outcome).not.toMatchObject({ kind: 'faulty' })
          if (loseIndex) world.indexes.clear()
          world.nowMs += awayMs
          // ClickHouse forgets a token only after many later inserts, which take their time.
          if (forgetTokens && awayMs > 600_000) world.clickhouse.forgetTokens()
        }
        for (const one of pending) await send(world.log, one)
        expect(await live(world)).toEqual({ kind: 'loaded' })
        expectOracle(world, ordered)
      }),
      { numRuns: 300 },
    )
  })
})

function dayOf(one: SentBatch | Uint8Array): number {
  return one instanceof Uint8Array ? 0 : one.arrivedAtMs
}

function expectOracle(world: World, batches: readonly (SentBatch | Uint8Array)[]): void {
  const { tables } = world.clickhouse
  const expected = oracle(batches, 35)
  const keys = expected.stored.map(({ key }) => key).sort()
  const contents = (rows: readonly { org_id: string; event_id: string; tokens_in: number; ts: number }[]) =>
    rows.map((row) => `${row.org_id}/${row.event_id} ${row.tokens_in} ${row.ts}`).sort()
  const wanted = contents(expected.stored.map(({ event: e }) => e))
  expect(tables.usage.rows.map((row) => `${row.org_id}/${row.event_id}`).sort()).toEqual(keys)
  expect(contents(tables.usage.rows)).toEqual(wanted)
  expect(contents(tables.view.rows)).toEqual(wanted)
  expect(tables.quarantine.rows.filter((row) => row.reason === 'id_conflict')).toHaveLength(expected.conflicts)
  expect(tables.quarantine.rows.filter((row) => row.reason !== 'id_conflict')).toHaveLength(expected.poison)
  const sum = (pick: 'accepted' | 'stored' | 'duplicate' | 'quarantined'): number =>
    tables.ledger.rows.reduce((total, row) => total + row[pick], 0)
  expect({
    accepted: sum('accepted'),
    stored: sum('stored'),
    duplicate: sum('duplicate'),
    quarantined: sum('quarantined'),
  }).toEqual({
    accepted: expected.accepted,
    stored: expected.stored.length,
    duplicate: expected.duplicates,
    quarantined: expected.conflicts + expected.poison,
  })
  for (const row of tables.ledger.rows) expect(row.accepted).toBe(row.stored + row.duplicate + row.quarantined)
  for (const row of tables.usage.rows) expect(row.log_partition).toBe(partitionOf(row.org_id, row.event_id, 2))
}
