/**
 * An open intent: some process died between writing it and finishing. The same records become the same rows under the
 * recorded schemas, factor set and watermark. Those that are not there by position go in under the same token, the minutes
 * whole: what a view has already is refused by ClickHouse. Then the rows are compared by position again, because a token
 * may have outlived its part (complete-batch.ts). The token alone is no proof: a power cut takes what ClickHouse noted
 * of tokens and leaves the parts, which it had flushed.
 *
 * A token is only remembered for so many later inserts. When the intent is old, or the way of computing has changed
 * since, or rows were found missing before, the token is not used: only what is missing by position goes in. Either way
 * the rollups of the batch's days are then compared with the raw rows (settle-doubts.ts).
 */
import type { StoredRecord } from '@ecomind/event-log'
import { completeBatch } from './complete-batch.ts'
import { confirmOwner } from './confirm-owner.ts'
import { decodeRecords } from './decode-records.ts'
import { finishBatch } from './finish-batch.ts'
import type { FootprintModel } from './footprint-model.ts'
import { type BatchRows, insertBatch } from './insert-batch.ts'
import type { Intent } from './intent.ts'
import { LoaderFaultError } from './loader-fault.ts'
import { findMissing } from './missing-rows.ts'
import type { PartitionContext } from './partition-context.ts'
import { prepareBatch } from './prepare-batch.ts'
import { LoaderStoppedError } from './retry.ts'
import { schemasOfIntent } from './schema-source.ts'

/** @throws LoaderFaultError when the range can't be rebuilt exactly */
export async function redoBatch(intent: Intent, context: PartitionContext): Promise<void> {
  const { partition, logger, faultPoint } = context
  logger.warn({ partition, from: intent.from, to: intent.to }, 'open intent found: the batch is done again')
  context.state.openIntent = true
  faultPoint('before-redo')

  const records = await readRange(intent, context)
  const model = await modelOf(intent, context)
  const schemas = await schemasOfIntent(intent, context)
  const columns = context.columns.take()
  const decoded = await decodeRecords(records, columns.events, schemas)
  const prepared = await prepareBatch(columns, decoded, intent.from, model, intent.watermarkMs, context)
  const stored = prepared.rows.usage.rows.length
  if (prepared.count !== intent.count || stored !== intent.stored) {
    throw new LoaderFaultError(
      `redo ${intent.token}: ${prepared.count} events and ${stored} rows, ${intent.count} and ${intent.stored} are wanted; the log or the database is not the one the intent was written for. Restore them together from one backup`,
    )
  }

  const ageMs = context.clock() - intent.writtenAtMs
  const isYoung = ageMs >= 0 && ageMs <= context.settings.tokenTrustMs
  const trusted = isYoung && model.methodVersion === intent.methodVersion && intent.byPosition !== true
  if (trusted) {
    const stillMissing = (rows: BatchRows) => findMissing(intent, rows, context)
    const rows = { ...(await stillMissing(prepared.rows)), minutes: prepared.rows.minutes }
    await insertBatch(rows, intent.token, context, confirmOwner(intent, context), stillMissing)
  }
  await completeBatch(intent, prepared, context)
  await finishBatch(intent, prepared, 'doubted', context)
  context.columns.giveBack(columns)
}

/** Every record of the range: corrupt ones included, none left out. */
async function readRange(intent: Intent, context: PartitionContext): Promise<StoredRecord[]> {
  const records: StoredRecord[] = []
  let next = intent.from
  while (next < intent.to) {
    const options = { maxRecords: 1000, maxBytes: context.settings.batch.bytesMax, waitMs: 0 }
    const read = await context.untilAccepted(() => context.membership.read(context.partition, next, options))
    const wanted = read.filter((record) => record.offset < intent.to)
    const last = wanted.at(-1)
    if (last === undefined && context.stopping.aborted) throw new LoaderStoppedError()
    if (last === undefined) break
    records.push(...wanted)
    next = last.offset + 1
  }
  return records
}

async function modelOf(intent: Intent, context: PartitionContext): Promise<FootprintModel> {
  const { models } = context
  if (models.running.id === intent.factorSet) return models.running
  const model = await context.untilAccepted(() => models.load(intent.factorSet))
  if (model !== null) return model
  throw new LoaderFaultError(
    `redo ${intent.token}: factor set ${intent.factorSet} is not in ClickHouse; start once with the version that wrote the intent, or restore the tables factors and grids`,
  )
}
