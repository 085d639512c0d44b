/** Several jobs on one log: what one of them leaves behind must not hold up the others, nor itself. */
import { ClickHouseError } from '@ecomind/clickhouse'
import { FencedError } from '@ecomind/event-log'
import { pino } from 'pino'
import { describe, expect, it, vi } from 'vitest'
import { confirmOwner } from './confirm-owner.ts'
import { createMemoryIndex } from './dedupe-index.ts'
import type { Intent } from './intent.ts'
import { type Loader, startLoader } from './start-loader.ts'
import { createWorld, testSettings, type World } from './testing/loader-world.ts'
import { send, usageEvent } from './testing/traffic.ts'

const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 5 })
const others = { whilePaused: <T>(work: () => Promise<T>) => work(), epoch: () => 0, follow: () => undefined }

function start({ log, clickhouse, models, nowMs }: World): Promise<Loader> {
  return startLoader({
    log,
    clickhouse,
    encoders: clickhouse.encoders,
    repairRollups: clickhouse.repair,
    look: { plan: async () => [], differingDays: async () => [] },
    models,
    others,
    dedupeDir: '',
    openIndex: async () => createMemoryIndex(),
    settings: { ...testSettings, stopWithinMs: 20 },
    logger: pino({ level: 'silent' }),
    clock: () => nowMs,
  })
}

describe('a job whose partitions go to another in the middle of a batch', () => {
  it('may work on rollups afterwards: the other does the batch again', async () => {
    const world = await createWorld(2)
    const events = Array.from({ length: 8 }, (_, i) => usageEvent({ event_id: `event-${i}`, ts: world.nowMs - i }))
    world.clickhouse.onStep = (step, table) => {
      if (step === 'before' && table !== 'query') throw new ClickHouseError(`${table}: too many parts`, 252, true)
    }
    const first = await start(world)
    await send(world.log, { arrivedAtMs: world.nowMs, events }, world.nowMs)
    await until(() => expect(first.health().partitions.map((p) => p.openIntent)).toEqual([true, true]))
    const second = await start(world)
    await until(() => expect(first.health().partitions).toHaveLength(1))
    world.clickhouse.onStep = () => undefined
    await until(() =>
      expect([first, second].map((one) => one.health().partitions[0]?.openIntent)).toEqual([false, false]),
    )
    expect(await first.whileLoadingPaused(async () => 'done')).toBe('done')
    expect(world.clickhouse.tables.usage.rows).toHaveLength(events.length)
    await Promise.all([first.stop(), second.stop()])
  })
})

describe('confirmOwner', () => {
  const intent = { state: 'intent', from: 3 } as Intent

  it('commits the intent again when it is some time ago, and lets nobody insert who was fenced', async () => {
    let nowMs = 0
    const commit = vi.fn(async () => undefined)
    const confirm = confirmOwner(intent, { partition: 1, membership: { commit } as never }, () => nowMs)
    nowMs = 900
    await confirm()
    expect(commit).not.toHaveBeenCalled()
    nowMs = 1_100
    await Promise.all([confirm(), confirm()])
    expect(commit).toHaveBeenCalledTimes(1)
    nowMs = 2_200
    commit.mockRejectedValueOnce(new FencedError('elsewhere'))
    await expect(confirm()).rejects.toThrow(FencedError)
    await confirm()
    expect(commit).toHaveBeenCalledTimes(3)
  })
})
