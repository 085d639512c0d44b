/**
 * Step behind an insert that was repeated. ClickHouse notes a token before it puts the part in its place (commitPart in
 * MergeTreeSink.cpp): when the second fails, or the process dies in between, the token stands for a part that was never
 * kept, and the repeat is refused in silence. So "accepted" proves nothing here, and the rows are compared by position.
 *
 * Missing ones go in under a token of their own. It stays the same until the database has said yes to it, so a late copy
 * of a refused insert is a duplicate; only when it said yes and rows are still missing is the next one tried.
 */
import { confirmOwner } from './confirm-owner.ts'
import { insertBatch } from './insert-batch.ts'
import { formatNote, type Intent } from './intent.ts'
import { checksumOf, countRows, findMissing } from './missing-rows.ts'
import type { PartitionContext } from './partition-context.ts'
import type { PreparedBatch } from './prepare-batch.ts'
import { RowsMissingError } from './retry.ts'

/**
 * Resolves when every row of the batch is there. Whenever rows had to be put in, the intent says from before on that it
 * is compared by position: no later redo trusts its token. What the views made of it is for the comparison of rollups.
 */
export async function completeBatch(intent: Intent, prepared: PreparedBatch, context: PartitionContext): Promise<void> {
  const { partition, membership, untilAccepted, logger } = context
  const { rows } = prepared
  const first = await findMissing(intent, rows, context)
  if (countRows(first) === 0) return
  logger.warn(
    { token: intent.token, missing: countRows(first), of: countRows(rows) },
    'rows of a batch are missing: compared by position, they are put in under a token of their own',
  )
  const byPosition: Intent = { ...intent, byPosition: true }
  await untilAccepted(() => membership.commit(partition, intent.from, formatNote(byPosition)))
  const confirm = confirmOwner(byPosition, context)

  let attempt = 0
  let missing = first
  await untilAccepted(async () => {
    if (countRows(missing) === 0) return
    attempt += 1
    const token = `${intent.token}/rest-${attempt}-${checksumOf(missing)}`
    await insertBatch(missing, token, context, confirm, (some) => findMissing(intent, some, context))
    context.metrics.rowsRestored.inc({ partition: String(partition) }, countRows(missing))
    missing = await findMissing(intent, rows, context)
    if (countRows(missing) > 0) {
      throw new RowsMissingError(
        `load ${intent.token}: ClickHouse accepted it ${attempt} times and does not hold it whole`,
      )
    }
  })
}
