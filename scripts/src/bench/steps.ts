/** The hook between the step benchmark and the loader: the only file of the suite that knows the loader's inner functions. */
import { join } from 'node:path'
import { encodeUsageRows, migrate, openClickHouse, type UsageRow } from '@ecomind/clickhouse'
import type { StoredRecord } from '@ecomind/event-log'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { createEnricher, footprintModel } from '@ecomind/stream-jobs'
import { pino } from 'pino'
import { arrivalDay } from '../../../stream-jobs/src/arrival-day.ts'
import { type DecodedRecords, decodeRecords } from '../../../stream-jobs/src/decode-records.ts'
import { copyOf, dropDuplicates, type SiftedEvents } from '../../../stream-jobs/src/drop-duplicates.ts'
import { openLmdbIndex } from '../../../stream-jobs/src/lmdb-dedupe-index.ts'
import type { Record } from './append-events.ts'

export const STEP_NAMES = ['decode', 'drop duplicates', 'enrich', 'encode', 'insert', 'index'] as const
export type StepName = (typeof STEP_NAMES)[number]
/** Each step works on what the one before it left. */
export type StepBatch = { readonly [name in StepName]: () => void | Promise<void> }

const GENERATION = 1
const RETENTION_DAYS = 35

/** All batches are of one partition, as if there were no other. */
export async function openSteps(
  dir: string,
): Promise<{ newBatch(records: readonly Record[]): StepBatch; close(): Promise<void> }> {
  const target = { kind: 'embedded', dataDir: join(dir, 'clickhouse'), spoolDir: join(dir, 'spool') } as const
  const clickhouse = await openClickHouse(target, { role: 'loader' })
  await migrate(clickhouse)
  const index = await openLmdbIndex(join(dir, 'dedupe'), pino({ level: 'silent' }))
  const enrich = createEnricher(footprintModel(loadDefaultFactorSet()))
  let offset = 0
  return {
    newBatch(records) {
      const from = offset
      const stored: StoredRecord[] = records.map(({ value, arrivedAtMs }) => ({
        kind: 'ok',
        offset: offset++,
        arrivedAtMs,
        value,
      }))
      let decoded: DecodedRecords
      let sifted: SiftedEvents
      let rows: UsageRow[] = []
      let block: Uint8Array = new Uint8Array()
      const position = { generation: GENERATION, partition: 0, from, watermarkMs: null }
      return {
        decode: () => {
          decoded = decodeRecords(stored)
        },
        'drop duplicates': () => {
          const start = { generation: GENERATION, from, retentionDays: RETENTION_DAYS }
          sifted = dropDuplicates(decoded.events, start, (key) => index.find(key))
        },
        enrich: () => {
          rows = sifted.firsts.map(({ arrived }) => enrich(arrived, position))
        },
        encode: () => {
          block = encodeUsageRows(rows)
        },
        insert: () => clickhouse.insertNative('usage_events', block, `bench:${from}`),
        index: () => {
          const copies = sifted.firsts.map(({ key, arrived }) => ({
            key,
            copy: copyOf(arrived, arrivalDay(arrived.arrivedAtMs), GENERATION),
          }))
          return index.add(copies, { generation: GENERATION, partitions: 1, offset })
        },
      }
    },
    async close() {
      await index.close()
      await clickhouse.close()
    },
  }
}
