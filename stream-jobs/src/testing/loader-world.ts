/**
 * A loader that can die: log, database and index survive, the process does not. A death throws at the armed place and
 * from then on refuses everything that the dead incarnation still tries, as a killed process would.
 */
import { ClickHouseError } from '@ecomind/clickhouse'
import { type EventLog, type Membership, openLog } from '@ecomind/event-log'
import { pino } from 'pino'
import { spanMonths } from '../day-ranges.ts'
import { createMemoryIndex, type DedupeIndex } from '../dedupe-index.ts'
import type { FaultPointName } from '../fault-points.ts'
import type { FootprintModels } from '../footprint-model.ts'
import type { LoaderSettings } from '../partition-context.ts'
import type { SchemaSource } from '../schema-source.ts'
import { type Loader, startLoader } from '../start-loader.ts'
import { createFakeClickHouse, type FakeClickHouse, type FakeTarget } from './fake-clickhouse.ts'
import { fakeModel, fakeModels } from './fake-model.ts'

export const testSettings: LoaderSettings = {
  batch: { eventsMax: 5, bytesMax: 100_000 },
  insertPauseMs: 0,
  pollMs: 1,
  retentionDays: 35,
  watermark: { boundMs: 60_000, futureGuardMs: 300_000 },
  publishEveryMs: 1,
  retryFirstMs: 0,
  retryMostMs: 1,
  stopWithinMs: 1_000,
  tokenTrustMs: 600_000,
  compareAfterMs: 1,
}

export interface World {
  readonly log: EventLog
  readonly clickhouse: FakeClickHouse
  readonly indexes: Map<number, DedupeIndex>
  nowMs: number
  models: FootprintModels
  /** Null: ids of the schemas folder. */
  schemas: SchemaSource | null
}

export async function createWorld(partitions = 2): Promise<World> {
  const log = await openLog({ kind: 'memory', partitions })
  const models = fakeModels(fakeModel('set@1', 1000))
  return {
    log,
    clickhouse: createFakeClickHouse(),
    indexes: new Map(),
    nowMs: 1_760_000_000_000,
    models,
    schemas: null,
  }
}

export interface Death {
  /** `between-token-and-part`: the token is remembered, the part is not kept. `call`: at any call of database or log. */
  readonly point: FaultPointName | 'between-views' | 'between-token-and-part' | 'call'
  readonly passage: number
}

/** Parts that are refused after their token was remembered. */
export interface Phantoms {
  readonly of: FakeTarget
  /** The n-th, the 2n-th, ... part of that table; more than 1, or nothing would ever pass. */
  readonly every: number
}

export interface Life {
  readonly settings?: Partial<LoaderSettings>
  readonly death?: Death
  /** About one in so many calls of the database is refused. */
  readonly refuseEvery?: number
  readonly phantoms?: Phantoms
  readonly onWatermark?: (watermarkMs: number | null) => void
  /** Lives on with everything loaded until the watermark is there; default: does not wait for it. */
  readonly untilWatermarkMs?: number
}

export type Outcome = { readonly kind: 'loaded' | 'died' } | { readonly kind: 'faulty'; readonly detail: string }

/** Calls that are repeated in turns must not meet a refusal each time, as they might if it were every n-th exactly. */
function scrambled(call: number): number {
  return Math.imul(call, 0x9e3779b1) >>> 16
}

/** Runs a loader until everything in the log is loaded, or it dies, or it stops for good. */
export async function live(world: World, life: Life = {}): Promise<Outcome> {
  const mortal = createMortal(world, life)
  const loader = await startLoader({
    log: mortal.log,
    clickhouse: mortal.clickhouse,
    encoders: world.clickhouse.encoders,
    repairRollups: (days) => mortal.guard(() => world.clickhouse.repair(days)),
    look: {
      plan: async (days) => spanMonths(days),
      differingDays: ([first, last]) =>
        mortal.guard(async () => world.clickhouse.differingDays().filter((day) => day >= first && day <= last)),
    },
    models: world.models,
    ...(world.schemas === null ? {} : { schemas: world.schemas }),
    dedupeDir: '',
    openIndex: async (partition) => mortal.index(partition),
    settings: { ...testSettings, ...life.settings },
    logger: pino({ level: 'silent' }),
    clock: () => world.nowMs,
    faultPoint: mortal.faultPoint,
  })
  try {
    return await settled(world, loader, mortal, life)
  } finally {
    await loader.stop()
  }
}

async function settled(world: World, loader: Loader, mortal: Mortal, life: Life): Promise<Outcome> {
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve))
    life.onWatermark?.(loader.watermark())
    if (mortal.dead()) return { kind: 'died' }
    const { partitions, detail, daysToCompare } = loader.health()
    if (partitions.some((p) => p.phase === 'stopped')) return { kind: 'faulty', detail }
    const stats = await world.log.stats()
    const done = stats.every(({ partition, nextOffset }) => {
      const own = partitions.find((p) => p.partition === partition)
      return own !== undefined && own.phase === 'loading' && own.loadedTo >= nextOffset && !own.openIntent
    })
    const reached =
      (loader.watermark() ?? Number.NEGATIVE_INFINITY) >= (life.untilWatermarkMs ?? Number.NEGATIVE_INFINITY)
    if (done && reached && daysToCompare === 0) return { kind: 'loaded' }
  }
}

class SimulatedDeath extends Error {
  override readonly name = 'SimulatedDeath'
}

type Mortal = ReturnType<typeof createMortal>

function createMortal(world: World, life: Life) {
  let dead = false
  let passages = 0
  let calls = 0
  let parts = 0
  const check = (): void => {
    if (dead) throw new SimulatedDeath('dead')
  }
  const pass = (point: Death['point']): void => {
    check()
    if (life.death?.point !== point) return
    passages += 1
    if (passages < life.death.passage) return
    dead = true
    throw new SimulatedDeath(`died at ${point}`)
  }
  const guard = async <T>(action: () => Promise<T>): Promise<T> => {
    check()
    pass('call')
    const result = await action()
    // Died before it was asked or before it heard the answer: every second passage is the one or the other.
    pass('call')
    return result
  }
  world.clickhouse.onStep = (step, table) => {
    check()
    if (step === 'between') pass('between-views')
    if (life.refuseEvery === undefined || step === 'between') return
    calls += 1
    if (scrambled(calls) % life.refuseEvery === 0) throw new ClickHouseError(`${table}: too many parts`, 252, true)
  }
  world.clickhouse.onPart = (target) => {
    pass('between-token-and-part')
    if (life.phantoms?.of !== target) return
    parts += 1
    if (parts % life.phantoms.every === 0) throw new ClickHouseError(`${target}: rename not permitted`, 1001, true)
  }
  return {
    dead: () => dead,
    guard,
    faultPoint: pass as (name: FaultPointName) => void,
    clickhouse: guarded(world.clickhouse, guard),
    log: {
      ...world.log,
      join: async (group: string, listener: Parameters<EventLog['join']>[1]) =>
        guardedMembership(await world.log.join(group, listener), guard),
    } satisfies EventLog,
    index: (partition: number): DedupeIndex => {
      const kept = world.indexes.get(partition) ?? createMemoryIndex()
      world.indexes.set(partition, kept)
      return { ...kept, add: (...args) => guard(() => kept.add(...args)) }
    },
  }
}

type Guard = <T>(action: () => Promise<T>) => Promise<T>

function guarded(clickhouse: FakeClickHouse, guard: Guard): Pick<FakeClickHouse, 'query' | 'command' | 'insertNative'> {
  return {
    query: (...args) => guard(() => clickhouse.query(...args)),
    command: (...args) => guard(() => clickhouse.command(...args)),
    insertNative: (...args) => guard(() => clickhouse.insertNative(...args)),
  }
}

/** Reading is harmless and leaving must work after death; a dead process commits nothing. */
function guardedMembership(membership: Membership, guard: Guard): Membership {
  return { ...membership, commit: (...args) => guard(() => membership.commit(...args)) }
}
