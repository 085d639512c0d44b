/**
 * Starts the loader: joins the group, runs one loop a partition, watches, stops. The only place of this package that
 * builds things out of a log, a database and a factor set.
 */
import type { ClickHouse } from '@ecomind/clickhouse'
import type { EventLog } from '@ecomind/event-log'
import { LOADER_GROUP } from '@ecomind/schemas'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import type { DedupeIndex } from './dedupe-index.ts'
import { every } from './every.ts'
import { type FaultPoint, noFaultPoint } from './fault-points.ts'
import type { FootprintModels } from './footprint-model.ts'
import { countInFlight, type InFlight } from './in-flight.ts'
import type { BlockEncoders } from './insert-batch.ts'
import { type LoaderHealth, loaderHealth } from './loader-health.ts'
import { createLoadingGate } from './loading-gate.ts'
import { createLoaderMetrics } from './metrics.ts'
import { type OtherJobs, unconnectedJobs } from './other-jobs.ts'
import type { LoaderSettings } from './partition-context.ts'
import { createPartitionSet, type PartitionSet } from './partition-set.ts'
import { createQuietTime } from './quiet-time.ts'
import { createRollupDoubts } from './rollup-doubts.ts'
import { lookThrough, type RollupLook } from './rollup-look.ts'
import type { SchemaSource } from './schema-source.ts'
import { startSettling } from './settle-doubts.ts'
import { publishMoved, type UnreadTail, type WatchContext, watchLag } from './watch-loader.ts'
import { createWatermark } from './watermark.ts'

export interface LoaderDeps {
  readonly log: EventLog
  /** A connection of its own: statements of one connection wait for each other. */
  readonly clickhouse: Pick<ClickHouse, 'query' | 'command' | 'insertNative'>
  readonly models: FootprintModels
  /** What schema ids mean; absent: ids of the schemas folder. Not stopped by the loader. */
  readonly schemas?: SchemaSource
  /** Folder of the dedupe index; one folder a partition is made in it. */
  readonly dedupeDir: string
  readonly settings: LoaderSettings
  readonly logger: Logger
  /** Compares the rollups of these epoch days with the raw rows and rebuilds what differs. Called while loading is paused. */
  readonly repairRollups: (days: readonly number[]) => Promise<void>
  /** Jobs of other processes on the same tables. Default: there are none while all partitions are this one's. */
  readonly others?: OtherJobs
  /** Tests put their own in. */
  readonly look?: RollupLook
  readonly registry?: Registry
  readonly topic?: string
  readonly clock?: () => number
  readonly faultPoint?: FaultPoint
  readonly encoders?: BlockEncoders
  readonly openIndex?: (partition: number) => Promise<DedupeIndex>
}

export interface Loader {
  health(): LoaderHealth
  /** Global watermark, epoch milliseconds; null before any is known. */
  watermark(): number | null
  /** Nothing restores, is refused or waits for long: time for work that can wait. */
  isQuiet(): boolean
  /** Accepted events that the ledger does not hold yet. */
  inFlight(): Promise<InFlight>
  /** Runs work on the rollups while no batch is open. */
  whileLoadingPaused<T>(work: () => Promise<T>): Promise<T>
  readonly registry: Registry
  /** Lets the batches under way finish, within the bound of the settings; can be called twice. */
  stop(): Promise<void>
}

const LAG_EVERY_MS = 1_000
const IN_FLIGHT_LIMITS = { eventsMax: 200_000, bytesMax: 32 * 2 ** 20 }

/** Resolves when the group is joined; loops that are still recovering say so in `health`. @throws GroupTakenError */
export async function startLoader(deps: LoaderDeps): Promise<Loader> {
  const { log, clickhouse, logger, settings } = deps
  const registry = deps.registry ?? new Registry()
  const metrics = createLoaderMetrics(registry)
  const watermark = createWatermark(settings.watermark)
  const clock = deps.clock ?? Date.now
  const faultPoint = deps.faultPoint ?? noFaultPoint
  const unread = new Map<number, UnreadTail>()

  const others: OtherJobs = deps.others ?? unconnectedJobs(() => partitions.states.size === log.partitions)
  const gate = createLoadingGate(others)
  const doubts = createRollupDoubts()
  const partitions: PartitionSet = createPartitionSet({ ...deps, metrics, gate, doubts, watermark, clock, faultPoint })
  const membership = await log.join(LOADER_GROUP, {
    onAssigned: (assignment) => partitions.assign(assignment.partitions),
    onRevoked: (revoked) => partitions.handOver(revoked),
  })
  partitions.begin(membership)
  const { states } = partitions
  // Whoever asks does not wait for long: for a partition that recovers or is refused, the others here would wait in vain.
  const isHeldUp = () =>
    [...states.values()].some(
      ({ phase, refused }) => phase === 'recovering' || (phase === 'loading' && refused !== null),
    )
  others.follow(async (work) => {
    if (isHeldUp()) throw new Error('pause for another job: a partition recovers or is refused')
    return await gate.pause(work)
  })

  const loading = { log, membership, clickhouse, states, watermark, doubts, unread }
  const watch: WatchContext = { ...loading, metrics, logger, clock, faultPoint }
  const isCaughtUp = createQuietTime(states, clock)
  const isQuiet = () => others.epoch() !== null && isCaughtUp()
  let published = ''
  const publish = async (): Promise<void> => {
    published = await publishMoved(published, watch)
  }
  const lagging = every(LAG_EVERY_MS, () => watchLag(watch), logger)
  const publishing = every(settings.publishEveryMs, publish, logger)
  const comparing = startSettling({
    ...deps,
    look: deps.look ?? lookThrough(clickhouse),
    doubts,
    gate,
    watermark,
    isQuiet,
  })

  let stopped: Promise<void> | null = null
  const stop = async (): Promise<void> => {
    // Work on rollups waits for the batches under way, so all of it ends together.
    const released = partitions.release([...states.keys()])
    await Promise.all([lagging.stop(), publishing.stop(), comparing.stop(), released])
    await membership.leave()
  }
  return {
    registry,
    health: () =>
      loaderHealth(
        [...states].map(([partition, state]) => ({ partition, state, unread: unread.get(partition) ?? null })),
        doubts.all().length,
        delaySeconds(watermark.publishable(), clock()),
      ),
    isQuiet,
    watermark: () => watermark.publishable(),
    whileLoadingPaused: gate.exclusive,
    inFlight: () =>
      countInFlight(
        [...states].map(([partition, { loadedTo }]) => ({ partition, loadedTo })),
        membership,
        IN_FLIGHT_LIMITS,
        deps.schemas ?? null,
      ),
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

function delaySeconds(watermarkMs: number | null, nowMs: number): number | null {
  return watermarkMs === null ? null : Math.max(0, nowMs - watermarkMs) / 1000
}
