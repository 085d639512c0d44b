/** Steps behind the insert: index, commit, watermark, counters. The rows are durable; all of this may be repeated. */
import { DAY_MS } from './arrival-day.ts'
import { packDays } from './day-ranges.ts'
import { formatNote, type Intent } from './intent.ts'
import { countBatch } from './metrics.ts'
import type { PartitionContext } from './partition-context.ts'
import type { PreparedBatch } from './prepare-batch.ts'

/**
 * The index comes before the commit: after a crash in between it is ahead, which a redo ignores; the other way round
 * it would be behind and cost a question to ClickHouse. Rollups are doubted when an insert was repeated, so after every
 * redo: they are compared once the batch is committed, because a rebuild forgets tokens that an open batch may need.
 */
export async function finishBatch(
  intent: Intent,
  prepared: PreparedBatch,
  rollups: 'right' | 'doubted',
  context: PartitionContext,
): Promise<void> {
  const { partition, log, index, watermark, membership, state, settings, faultPoint } = context
  // Before anyone can see the batch as loaded.
  if (rollups === 'doubted') doubtRollups(intent, prepared, context)
  state.loadedTo = intent.to

  faultPoint('before-index')
  const marker = { generation: intent.generation, partitions: log.partitions, offset: intent.to }
  await context.untilAccepted(() => index.add(prepared.events, prepared.sifted.firsts, intent.generation, marker))
  faultPoint('after-index')

  watermark.finish(partition, prepared.newestEventMs)
  const note = formatNote({
    state: 'done',
    version: 1,
    generation: intent.generation,
    from: intent.from,
    watermarkMs: watermark.partition(partition),
    ...comparisonsOwed(context),
  })
  faultPoint('before-commit')
  await context.untilAccepted(() => membership.commit(partition, intent.to, note))
  state.openIntent = false
  faultPoint('after-commit')

  countBatch(context.metrics, partition, prepared)
  state.quarantined += prepared.sifted.conflicts.length + prepared.poison.length
  await dropOldBuckets(prepared, context, settings.retentionDays)
}

/** For a note: a kill before the comparison must not lose the need for it. */
export function comparisonsOwed({ doubts, partition }: PartitionContext): Pick<Intent, 'toCompare'> {
  const days = doubts.of(partition)
  return days.length === 0 ? {} : { toCompare: packDays(days).map(([first, last]) => [first, last]) }
}

function doubtRollups(
  intent: Intent,
  { rows: { usage } }: PreparedBatch,
  { doubts, watermark, partition }: PartitionContext,
): void {
  if (usage.rows.length === 0) return
  const days = new Set<number>()
  for (const row of usage.rows) days.add(Math.floor((usage.events.ts[row] ?? 0) / DAY_MS))
  doubts.add(partition, days)
  watermark.hold(partition, intent.watermarkMs)
}

/** By the arrival of what was loaded, held back by the clock: an edge from the future must not empty the index. */
async function dropOldBuckets(
  { events, sifted }: PreparedBatch,
  context: PartitionContext,
  days: number,
): Promise<void> {
  let newest = 0
  for (const row of sifted.firsts) newest = Math.max(newest, events.arrivalDays[row] ?? 0)
  const today = Math.floor(context.clock() / 86_400_000)
  const before = Math.min(newest, today) - days - 1
  const dropped = await context.untilAccepted(() => context.index.dropBefore(before))
  if (dropped > 0) context.logger.info({ partition: context.partition, dropped }, 'dedupe index: old buckets dropped')
}
