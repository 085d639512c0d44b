/** A partition that can't go on must hold up neither the others nor the work on rollups. */
import { ClickHouseError } from '@ecomind/clickhouse'
import { type EventLog, LogUnavailableError, type Membership, OffsetOutOfRangeError } from '@ecomind/event-log'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { spanMonths } from './day-ranges.ts'
import { createMemoryIndex, type DedupeIndex } from './dedupe-index.ts'
import { BatchLeftOpenError } from './loading-gate.ts'
import { type OtherJobs, unconnectedJobs } from './other-jobs.ts'
import type { LoaderSettings } from './partition-context.ts'
import type { RollupLook } from './rollup-look.ts'
import { type Loader, startLoader } from './start-loader.ts'
import { createWorld, testSettings, type World } from './testing/loader-world.ts'
import { send, usageEvent } from './testing/traffic.ts'

let world: World
let loaders: Loader[] = []
beforeEach(async () => {
  world = await createWorld(2)
})
afterEach(async () => {
  for (const loader of loaders) await loader.stop()
  loaders = []
})

interface Start {
  readonly log?: EventLog
  readonly openIndex?: (partition: number) => Promise<DedupeIndex>
  readonly settings?: Partial<LoaderSettings>
  readonly others?: OtherJobs
}

async function start({
  log = world.log,
  openIndex = async () => createMemoryIndex(),
  settings,
  // Two members of one test ask each other nothing.
  others = unconnectedJobs(() => true),
}: Start): Promise<Loader> {
  const loader = await startLoader({
    log,
    clickhouse: world.clickhouse,
    encoders: world.clickhouse.encoders,
    repairRollups: (days) => world.clickhouse.repair(days),
    models: world.models,
    dedupeDir: '',
    openIndex,
    settings: { ...testSettings, ...settings },
    look: lookThroughFake(),
    others,
    logger: pino({ level: 'silent' }),
    clock: () => world.nowMs,
  })
  loaders.push(loader)
  return loader
}

function lookThroughFake(): RollupLook {
  const differing = () => world.clickhouse.differingDays()
  return {
    plan: async (days) => spanMonths(days),
    differingDays: async ([first, last]) => differing().filter((day) => day >= first && day <= last),
  }
}

/** As many events as reach both partitions. */
async function sendSome(): Promise<void> {
  const events = Array.from({ length: 20 }, (_, i) => usageEvent({ event_id: `event-${i}` }))
  await send(world.log, { arrivedAtMs: world.nowMs, events })
}

const health = () => loaders.at(-1)?.health()
const phases = () => health()?.partitions.map(({ phase }) => phase)
const stored = () => world.clickhouse.tables.usage.rows.length

describe('a partition whose index cannot be opened', () => {
  it('has work on the rollups refused at once, and the other partition loads on', async () => {
    const { whileLoadingPaused } = await start({
      openIndex: async (partition) => {
        if (partition === 1) throw new Error('EACCES: permission denied')
        return createMemoryIndex()
      },
    })
    await vi.waitFor(() => expect(phases()).toEqual(['loading', 'stopped']))
    await expect(whileLoadingPaused(async () => undefined)).rejects.toThrow(BatchLeftOpenError)
    await sendSome()
    await vi.waitFor(() => expect(stored()).toBeGreaterThan(0))
  })

  it('because the disk is full is asked again', async () => {
    let asked = 0
    await start({
      openIndex: async () => {
        asked += 1
        if (asked < 5) throw Object.assign(new Error('write manifest'), { code: 'ENOSPC' })
        return createMemoryIndex()
      },
    })
    await sendSome()
    await vi.waitFor(() => expect(stored()).toBe(20))
  })

  it('because the disk is full does not keep the loader from stopping', async () => {
    const { stop } = await start({
      openIndex: async () => {
        throw Object.assign(new Error('write manifest'), { code: 'ENOSPC' })
      },
    })
    await stop()
  })
})

describe('a partition that recovers for long while another job asks for a pause', () => {
  it('does not keep the other partition from loading', async () => {
    let pause: Parameters<OtherJobs['follow']>[0] | undefined
    const others: OtherJobs = {
      ...unconnectedJobs(() => true),
      follow: (given) => {
        pause = given
      },
    }
    let opened = (): void => undefined
    const opening = new Promise<void>((resolve) => {
      opened = resolve
    })
    await start({
      others,
      openIndex: async (partition) => {
        if (partition === 1) await opening
        return createMemoryIndex()
      },
    })
    await vi.waitFor(() => expect(phases()).toEqual(['loading', 'recovering']))
    const paused = pause?.(async () => undefined).catch(() => undefined)
    await sendSome()
    await vi.waitFor(() => expect(stored()).toBeGreaterThan(0), { timeout: 5_000 }).finally(opened)
    await paused
  })
})

describe('a partition whose index is rebuilt on a full disk', () => {
  it('goes on once there is room', async () => {
    const { stop } = await start({})
    await sendSome()
    await vi.waitFor(() => expect(stored()).toBe(20))
    await stop()
    let refusals = 0
    const refuse = () => {
      refusals += 1
      if (refusals % 3 !== 0) throw Object.assign(new Error('write'), { code: 'ENOSPC' })
    }
    await start({
      openIndex: async () => {
        const index = createMemoryIndex()
        const add: DedupeIndex['add'] = async (...args) => {
          refuse()
          await index.add(...args)
        }
        const clear = async () => {
          refuse()
          await index.clear()
        }
        return { ...index, add, clear }
      },
    })
    await vi.waitFor(() => expect(phases()).toEqual(['loading', 'loading']))
    expect(refusals).toBeGreaterThan(2)
    await sendSome()
    const ends = (await world.log.stats()).map(({ nextOffset }) => nextOffset)
    await vi.waitFor(() => expect(health()?.partitions.map((p) => p.loadedTo)).toEqual(ends))
    expect(stored()).toBe(20)
  })
})

describe('a partition that another member takes over in the middle of a batch', () => {
  it('keeps nobody from work on the rollups, here or there', async () => {
    world.clickhouse.onStep = (_, table) => {
      if (table === 'usage_events') throw new ClickHouseError('too many parts', 252, true)
    }
    await sendSome()
    const first = await start({ settings: { stopWithinMs: 20 } })
    await vi.waitFor(() => expect(first.health().partitions.every((p) => p.openIntent)).toBe(true))
    const second = await start({ settings: { stopWithinMs: 20 } })
    world.clickhouse.onStep = () => undefined
    await vi.waitFor(() => expect(stored()).toBe(20))
    for (const member of [first, second]) {
      await vi.waitFor(() => expect(member.health().daysToCompare).toBe(0))
      expect(await member.whileLoadingPaused(async () => 'done')).toBe('done')
    }
  })
})

describe('a partition that was refused and then can never go on', () => {
  it('says why it stopped, and work that waits for quiet is done all the same', async () => {
    const { isQuiet } = await start({ log: withoutRecords(world.log, 1) })
    await vi.waitFor(() => expect(phases()).toEqual(['loading', 'stopped']))
    expect(health()).toMatchObject({ status: 'down', detail: expect.stringContaining('the records are gone') })
    await vi.waitFor(() => expect(isQuiet()).toBe(true))
  })
})

describe('a partition whose records are gone from the log behind those that were read', () => {
  it('loads what was read, in as many batches as it takes, and stops then', async () => {
    for (let n = 0; n < 4; n++) await sendSome()
    const [{ nextOffset = 0 } = {}] = await world.log.stats()
    expect(nextOffset).toBeGreaterThan(2)
    const batch = { eventsMax: 5, bytesMax: 1e6 }
    await start({ log: goneBehind(world.log, 0, nextOffset), settings: { batch } })
    await vi.waitFor(() => expect(phases()).toEqual(['stopped', 'loading']))
    expect(health()?.partitions[0]?.loadedTo).toBe(nextOffset)
  })
})

/** A log whose reader holds the records before `end` of one partition and finds nothing kept behind. */
function goneBehind(log: EventLog, lost: number, end: number): EventLog {
  return readThrough(log, async (read, partition, offset, options) => {
    if (partition === lost && offset >= end) throw new OffsetOutOfRangeError('read: the records are gone')
    return await read(partition, offset, { ...options, maxRecords: end })
  })
}

/** A log that refuses to read one partition once, and then does not have its records any more. */
function withoutRecords(log: EventLog, lost: number): EventLog {
  let reads = 0
  return readThrough(log, async (read, partition, offset, options) => {
    if (partition !== lost || options.waitMs === 0) return await read(partition, offset, options)
    reads += 1
    if (reads === 1) throw new LogUnavailableError('read: the broker is away', false)
    throw new OffsetOutOfRangeError('read: the records are gone')
  })
}

type Read = Membership['read']

/** The log, but for what its members read. */
function readThrough(log: EventLog, read: (own: Read, ...asked: Parameters<Read>) => ReturnType<Read>): EventLog {
  return {
    ...log,
    async join(...args) {
      const membership = await log.join(...args)
      return { ...membership, read: (...asked) => read(membership.read, ...asked) }
    },
  }
}
