/**
 * An open intent: some process died between writing it and finishing. The same records become the same rows under the
 * recorded factor set and watermark, and go in under the same token: what is there already is refused by ClickHouse,
 * what is missing, in the table or in any of its views, is added.
 *
 * A token is only remembered for so many later inserts. When the intent is old, or the way of computing has changed
 * since, rows are compared by position instead: only missing ones are inserted, then the rollups of their days are
 * compared with the raw rows and rebuilt where they differ.
 */
import { crc32 } from 'node:zlib'
import type { StoredRecord } from '@ecomind/event-log'
import { DAY_MS } from './arrival-day.ts'
import { decodeRecords } from './decode-records.ts'
import { finishBatch } from './finish-batch.ts'
import type { FootprintModel } from './footprint-model.ts'
import { insertBatch } from './insert-batch.ts'
import type { Intent } from './intent.ts'
import { isInLedger, positionsIn } from './loaded-range.ts'
import { LoaderFaultError } from './loader-fault.ts'
import type { PartitionContext } from './partition-context.ts'
import { type PreparedBatch, prepareBatch } from './prepare-batch.ts'

/** @throws LoaderFaultError when the range can't be rebuilt exactly */
export async function redoBatch(intent: Intent, context: PartitionContext): Promise<void> {
  const { partition, logger, faultPoint } = context
  logger.warn({ partition, from: intent.from, to: intent.to }, 'open intent found: the batch is done again')
  context.state.openIntent = true
  faultPoint('before-redo')

  const records = await readRange(intent, context)
  const model = await modelOf(intent, context)
  const prepared = await prepareBatch(decodeRecords(records), intent.from, model, intent.watermarkMs, context)
  if (prepared.count !== intent.count || prepared.rows.usage.length !== intent.stored) {
    throw new LoaderFaultError(
      `redo ${intent.token}: ${prepared.count} events and ${prepared.rows.usage.length} rows, ${intent.count} and ${intent.stored} are wanted; the log or the database is not the one the intent was written for. Restore them together from one backup`,
    )
  }

  const ageMs = context.clock() - intent.writtenAtMs
  const trusted = ageMs >= 0 && ageMs <= context.settings.tokenTrustMs && model.methodVersion === intent.methodVersion
  if (trusted) await insertBatch(prepared.rows, intent.token, context)
  else {
    context.gate.release(partition)
    await insertMissing(intent, prepared, context)
  }
  await finishBatch(intent, prepared, context)
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

async function insertMissing(intent: Intent, prepared: PreparedBatch, context: PartitionContext): Promise<void> {
  const { clickhouse, untilAccepted, logger } = context
  const range = { generation: intent.generation, partition: intent.partition, from: intent.from, to: intent.to }
  const stored = await untilAccepted(() => positionsIn(clickhouse, 'usage_events', range))
  const setAside = await untilAccepted(() => positionsIn(clickhouse, 'quarantine', range))
  const counted = await untilAccepted(() => isInLedger(clickhouse, range))
  const missing = {
    usage: prepared.rows.usage.filter((row) => !stored.has(`${row.log_offset}/${row.log_index}`)),
    quarantine: prepared.rows.quarantine.filter((row) => !setAside.has(`${row.log_offset}/${row.log_index}`)),
    ledger: counted ? [] : prepared.rows.ledger,
  }
  logger.warn(
    { token: intent.token, missing: missing.usage.length, of: prepared.rows.usage.length },
    'the intent is old: rows are compared by position and only missing ones are inserted',
  )
  // Which rows are missing is part of the token: another set under the same one would be swallowed.
  const first = missing.usage.map((row) => `${row.log_offset}/${row.log_index}`).join()
  await insertBatch(missing, `${intent.token}/rest-${missing.usage.length}-${crc32(first)}`, context)
  if (prepared.rows.usage.length === 0) return
  const days = new Set(prepared.rows.usage.map((row) => Math.floor(row.ts / DAY_MS)))
  await untilAccepted(() => context.repairRollups([...days].sort((a, b) => a - b)))
}
