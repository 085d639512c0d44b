/**
 * Before the first read of a partition: where to go on, the watermark, the dedupe index, an open intent. Log, database
 * and index are compared, and when they contradict each other nothing is guessed.
 */
import { LOADER_GROUP } from '@ecomind/schemas'
import { unpackDays } from './day-ranges.ts'
import { type Intent, parseNote } from './intent.ts'
import { countUsageRows, isInLedger, OFFSET_END } from './loaded-range.ts'
import { LoaderFaultError } from './loader-fault.ts'
import type { PartitionContext } from './partition-context.ts'
import { readPublishedWatermark } from './publish-watermark.ts'
import { catchUpIndex, checkIndex, type FilledIndex, rebuildIndex } from './rebuild-index.ts'
import { redoBatch } from './redo-batch.ts'

/** Returns the offset to read next. @throws LoaderFaultError, IndexDamagedError, LoaderStoppedError, FencedError */
export async function recoverPartition(context: PartitionContext): Promise<number> {
  const { partition, membership, watermark, state, gate } = context
  await gate.enter(partition)
  const committed = await context.untilAccepted(() => membership.committed(partition))
  const offset = committed?.offset ?? (await firstOffset(context))
  const note = committed === null ? null : parseNote(committed.note, { partition, offset })
  if (note !== null && note.generation !== context.log.generation) throw otherGeneration(note.generation, context)
  const intent = note?.state === 'intent' ? note : null
  // A fault below must leave the gate as a batch left open does.
  if (intent !== null) state.openIntent = true
  state.loadedTo = offset
  if (note?.state === 'done') await checkLastBatch(note.from, context)
  await checkNothingAhead(intent?.to ?? offset, context)

  const published = await context.untilAccepted(() =>
    readPublishedWatermark(context.clickhouse, LOADER_GROUP, partition),
  )
  const noted = intent === null ? (note?.state === 'done' ? note.watermarkMs : null) : intent.partitionWatermarkMs
  watermark.assign(partition, published, noted)
  if (note?.toCompare !== undefined) {
    context.doubts.add(partition, unpackDays(note.toCompare))
    watermark.hold(partition, published)
  }
  // At once: from here on nothing may be published past what the rows of the open intent carry.
  if (intent !== null) watermark.begin(partition, intent.watermarkMs)
  await ensureIndex(offset, intent, context)
  if (intent !== null) await redoBatch(intent, context)
  gate.release(partition)
  return intent?.to ?? offset
}

async function firstOffset(context: PartitionContext): Promise<number> {
  const stats = await context.untilAccepted(() => context.log.stats())
  return stats.find((s) => s.partition === context.partition)?.firstOffset ?? 0
}

function otherGeneration(found: number, { log, partition }: PartitionContext): LoaderFaultError {
  return new LoaderFaultError(
    `recover partition ${partition}: its commit note is of log ${found}, this log is ${log.generation}; the commits were copied from another log. Restore the log's folder as a whole`,
  )
}

/** A database older than the log's commits has lost what the log says was loaded. */
async function checkLastBatch(from: number, context: PartitionContext): Promise<void> {
  const { clickhouse, partition, log } = context
  const batch = { generation: log.generation, partition, from }
  if (await context.untilAccepted(() => isInLedger(clickhouse, batch))) return
  throw new LoaderFaultError(
    `recover partition ${partition}: ClickHouse does not hold the batch at offset ${from}, which the log says is loaded; the database was emptied or restored from an older backup. Restore the newest backup of it, or remove the folders of log and dedupe index to begin anew without the events they hold`,
  )
}

/** A log older than the database would insert positions a second time, under other tokens. */
async function checkNothingAhead(from: number, context: PartitionContext): Promise<void> {
  const { clickhouse, partition, log } = context
  const range = { generation: log.generation, partition, from, to: OFFSET_END }
  const rows = await context.untilAccepted(() => countUsageRows(clickhouse, range))
  if (rows === 0) return
  throw new LoaderFaultError(
    `recover partition ${partition}: ClickHouse holds ${rows} events from offset ${from} on, where the log says loading goes on; the log's commits were lost or restored from an older backup. Restore log and database from one backup`,
  )
}

async function ensureIndex(offset: number, intent: Intent | null, context: PartitionContext): Promise<void> {
  const { index, log, partition, settings, state, logger, clock, faultPoint } = context
  const target = {
    generation: log.generation,
    partition,
    partitions: log.partitions,
    upTo: offset,
    retentionDays: settings.retentionDays,
    nowMs: clock(),
  }
  const check = checkIndex(index, target, intent?.to ?? offset)
  if (check === 'ready') return
  const rebuildContext = {
    clickhouse: {
      query: <Row>(...args: Parameters<typeof context.clickhouse.query>) =>
        context.untilAccepted(() => context.clickhouse.query<Row>(...args)),
    },
    onProgress: (done: number, total: number) => {
      state.indexProgress = { done, total }
      logger.info({ partition, done, total }, 'dedupe index: rebuilding from ClickHouse')
    },
    betweenSlices: () => faultPoint('during-index-rebuild'),
  }
  // A full disk is asked again here as well.
  const filled: FilledIndex = {
    keyOf: index.keyOf,
    marker: () => index.marker(),
    add: (...args) => context.untilAccepted(() => index.add(...args)),
    clear: () => context.untilAccepted(() => index.clear()),
  }
  logger.info({ partition, check, marker: index.marker(), upTo: offset }, 'dedupe index: to be brought up to date')
  const kept = await (check === 'behind' ? catchUpIndex : rebuildIndex)(filled, target, rebuildContext)
  state.indexProgress = null
  faultPoint('after-index-rebuild')
  logger.info({ partition, kept }, 'dedupe index: up to date')
}
