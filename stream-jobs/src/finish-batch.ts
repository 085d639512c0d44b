/** Steps behind the insert: index, commit, watermark, counters. The rows are durable; all of this may be repeated. */
import { formatNote, type Intent } from './intent.ts'
import { countBatch } from './metrics.ts'
import type { PartitionContext } from './partition-context.ts'
import type { PreparedBatch } from './prepare-batch.ts'

/**
 * The index comes before the commit: after a crash in between it is ahead, which a redo ignores; the other way round
 * it would be behind and cost a question to ClickHouse.
 */
export async function finishBatch(intent: Intent, prepared: PreparedBatch, context: PartitionContext): Promise<void> {
  const { partition, log, index, watermark, membership, state, settings, faultPoint } = context
  state.loadedTo = intent.to

  faultPoint('before-index')
  const marker = { generation: intent.generation, partitions: log.partitions, offset: intent.to }
  await context.untilAccepted(() => index.add(prepared.copies, marker))
  faultPoint('after-index')

  watermark.finish(partition, prepared.newestEventMs)
  const note = formatNote({
    state: 'done',
    version: 1,
    generation: intent.generation,
    from: intent.from,
    watermarkMs: watermark.partition(partition),
  })
  faultPoint('before-commit')
  await context.untilAccepted(() => membership.commit(partition, intent.to, note))
  state.openIntent = false
  faultPoint('after-commit')

  countBatch(context.metrics, partition, prepared)
  await dropOldBuckets(prepared, context, settings.retentionDays)
}

/** By the arrival of what was loaded, held back by the clock: an edge from the future must not empty the index. */
async function dropOldBuckets(prepared: PreparedBatch, context: PartitionContext, days: number): Promise<void> {
  const newest = prepared.copies.reduce((day, { copy }) => Math.max(day, copy.arrivalDay), 0)
  const today = Math.floor(context.clock() / 86_400_000)
  const dropped = await context.index.dropBefore(Math.min(newest, today) - days - 1)
  if (dropped > 0) context.logger.info({ partition: context.partition, dropped }, 'dedupe index: old buckets dropped')
}
