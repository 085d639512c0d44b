/** Windows: a number that was called final never changes without a row that says `revised`, and the watermark never goes back. */
import type { UsageRow } from '@ecomind/clickhouse'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FAULT_POINTS } from './fault-points.ts'
import { createWorld, type Death, live, type World } from './testing/loader-world.ts'
import { send, usageEvent } from './testing/traffic.ts'

const MINUTE_MS = 60_000
const LATENESS_MS = 10 * MINUTE_MS

const death: fc.Arbitrary<Death | undefined> = fc.option(
  fc.record({
    point: fc.constantFrom(...FAULT_POINTS, 'between-token-and-part' as const),
    passage: fc.integer({ min: 1, max: 2 }),
  }),
  { nil: undefined },
)
const life = fc.record({
  /** Minutes before arrival; negative: ahead of it. */
  ages: fc.array(fc.integer({ min: -4, max: 40 }), { maxLength: 6 }),
  death,
  /** View parts that are refused after their token was remembered: every n-th. */
  phantomEvery: fc.constantFrom(undefined, 2, 3),
  passesMs: fc.integer({ min: 0, max: 20 * MINUTE_MS }),
})

/** What the table `watermarks` says: the smallest over the partitions, of each the newest row. */
function published(world: World): number | null {
  const newest = new Map(world.clickhouse.tables.watermarks.map((row) => [row.partition, row.watermarkMs]))
  return newest.size < world.log.partitions ? null : Math.min(...newest.values())
}

describe('window status', () => {
  it('is never silently wrong, whatever comes late and whatever dies', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 8 }), async (lives) => {
        const world = await createWorld(2)
        let id = 0
        let last: number | null = null
        const watch = (): void => {
          const now = published(world)
          if (last !== null && now !== null) expect(now).toBeGreaterThanOrEqual(last)
          last = now ?? last
        }
        const untold: UsageRow[] = []
        const watchRows = (rows: readonly UsageRow[]): void => {
          const watermarkMs = published(world)
          if (watermarkMs !== null) untold.push(...rows.filter((row) => !isStatusTold(row, watermarkMs)))
        }
        world.clickhouse.onNewRows = watchRows
        world.clickhouse.onRepairedRows = watchRows
        for (const { ages, death, phantomEvery, passesMs } of lives) {
          const events = ages.map((age) =>
            usageEvent({ event_id: `event-${++id}-x`, ts: world.nowMs - age * MINUTE_MS }),
          )
          if (events.length > 0) await send(world.log, { arrivedAtMs: world.nowMs, events })
          const outcome = await live(world, {
            ...(death === undefined ? {} : { death }),
            ...(phantomEvery === undefined ? {} : { phantoms: { of: 'view' as const, every: phantomEvery } }),
            onWatermark: watch,
          })
          expect(outcome).not.toMatchObject({ kind: 'faulty' })
          expect(untold).toEqual([])
          world.nowMs += passesMs
        }
        expect(await live(world, { onWatermark: watch })).toEqual({ kind: 'loaded' })
        expect(untold).toEqual([])
        expect(world.clickhouse.tables.usage.rows).toHaveLength(id)
      }),
      { numRuns: 200 },
    )
  })

  it('becomes final without new events: an idle stream moves with the wall clock', async () => {
    const world = await createWorld(2)
    await send(world.log, { arrivedAtMs: world.nowMs, events: [usageEvent({ ts: world.nowMs })] })
    await live(world)
    world.nowMs += 3_600_000
    let seen: number | null = null
    await live(world, {
      untilWatermarkMs: world.nowMs - MINUTE_MS,
      onWatermark: (watermarkMs) => {
        seen = watermarkMs
      },
    })
    expect(seen).toBe(world.nowMs - MINUTE_MS)
  })

  it('is not moved by an event far in the future', async () => {
    const world = await createWorld(1)
    const events = [usageEvent({ event_id: 'event-future', ts: world.nowMs + 86_400_000 })]
    await send(world.log, { arrivedAtMs: world.nowMs, events })
    const seen: number[] = []
    await live(world, { onWatermark: (ms) => ms !== null && seen.push(ms) })
    for (const ms of seen) expect(ms).toBeLessThanOrEqual(world.nowMs - MINUTE_MS)
  })
})

/** A row that lands in a window already called final must carry a watermark that makes the window `revised`. */
function isStatusTold(row: UsageRow, publishedMs: number): boolean {
  const finalAtMs = (Math.floor(row.ts / MINUTE_MS) + 1) * MINUTE_MS + LATENESS_MS
  return publishedMs < finalAtMs || row.watermark_at * 1000 >= finalAtMs
}
