/** One batch of one partition, step by step. Whatever dies at whatever line, redo-batch.ts makes it whole. */
import type { StoredRecord } from '@ecomind/event-log'
import type { BatchColumns } from './batch-columns.ts'
import { completeBatch } from './complete-batch.ts'
import { confirmOwner } from './confirm-owner.ts'
import { type CutBatch, cutBatch } from './cut-batch.ts'
import { comparisonsOwed, finishBatch } from './finish-batch.ts'
import type { FootprintModel } from './footprint-model.ts'
import { type BatchRows, type BatchTable, insertBatch } from './insert-batch.ts'
import { formatNote, formatToken, type Intent } from './intent.ts'
import { findMissing } from './missing-rows.ts'
import type { PartitionContext } from './partition-context.ts'
import { type PreparedBatch, prepareBatch } from './prepare-batch.ts'
import { type SchemasOfBatch, schemasOf } from './schema-source.ts'

export interface LoadedBatch {
  /** The offset to read next. */
  readonly to: number
  readonly records: number
  /** A limit cut the batch: more is waiting. */
  readonly full: boolean
}

/**
 * Loads records from the front of `records` as one batch.
 * @throws IndexDamagedError, FencedError, LoaderStoppedError, and what the database will never take
 */
export async function loadBatch(records: readonly StoredRecord[], context: PartitionContext): Promise<LoadedBatch> {
  const { settings, partition, faultPoint } = context
  const startedAt = performance.now()

  // Before its turn: a registry that is waited for must not hold up other partitions.
  const schemas = await schemasOf(records, context)
  const columns = context.columns.take()
  const { cut, prepared, intent } = await context.inTurn(() => cutAndPrepare(records, columns, schemas, context))
  await context.gate.enter(partition)
  const epoch = context.gate.epoch()
  faultPoint('before-intent')
  await context.untilAccepted(() => context.membership.commit(partition, intent.from, formatNote(intent)))
  context.state.openIntent = true
  faultPoint('after-intent')

  const insertedAt = performance.now()
  const stillMissing = (rows: BatchRows) => findMissing(intent, rows, context)
  const confirm = confirmOwner(intent, context)
  const repeated = await insertBatch(prepared.rows, intent.token, context, confirm, stillMissing)
  if (repeated.size > 0) await completeBatch(intent, prepared, context)
  const insertSeconds = (performance.now() - insertedAt) / 1000
  context.metrics.insertSeconds.observe(insertSeconds)
  context.state.lastInsertSeconds = insertSeconds

  // Another job may have rebuilt rollups while the rows went in.
  const unwatched = epoch === null || context.gate.epoch() !== epoch
  await finishBatch(intent, prepared, unwatched || doubtsRollups(repeated) ? 'doubted' : 'right', context)
  context.gate.release(partition)
  context.columns.giveBack(columns)
  context.metrics.batchSeconds.observe((performance.now() - startedAt) / 1000)
  const full = prepared.count >= settings.batch.eventsMax || cut.bytes >= settings.batch.bytesMax
  return { to: cut.to, records: cut.records, full }
}

interface CutAndPrepared {
  readonly cut: CutBatch
  readonly prepared: PreparedBatch
  readonly intent: Intent
}

async function cutAndPrepare(
  records: readonly StoredRecord[],
  columns: BatchColumns,
  schemas: SchemasOfBatch,
  context: PartitionContext,
): Promise<CutAndPrepared> {
  const { settings, models, watermark, partition, faultPoint } = context
  const cut = await cutBatch(records, settings.batch, columns.events, schemas.view)
  faultPoint('after-decode')
  // Looked at once: the running model changes between batches, never inside one.
  const model = models.running
  const watermarkMs = watermark.toRecord(partition)
  watermark.begin(partition, watermarkMs)
  const prepared = await prepareBatch(columns, cut, cut.from, model, watermarkMs, context)
  return { cut, prepared, intent: { ...describeIntent(cut, prepared, model, watermarkMs, context), ...schemas.noted } }
}

const doubtsRollups = (repeated: ReadonlySet<BatchTable>): boolean =>
  repeated.has('usage_events') || repeated.has('usage_minutes')

function describeIntent(
  range: { readonly from: number; readonly to: number },
  prepared: PreparedBatch,
  model: FootprintModel,
  watermarkMs: number | null,
  context: PartitionContext,
): Intent {
  const { log, partition, topic, watermark, clock } = context
  return {
    state: 'intent',
    version: 1,
    generation: log.generation,
    partition,
    from: range.from,
    to: range.to,
    count: prepared.count,
    stored: prepared.rows.usage.rows.length,
    factorSet: model.id,
    methodVersion: model.methodVersion,
    watermarkMs,
    partitionWatermarkMs: watermark.partition(partition),
    writtenAtMs: clock(),
    token: formatToken(topic, log.generation, partition, range.from, range.to),
    ...comparisonsOwed(context),
  }
}
