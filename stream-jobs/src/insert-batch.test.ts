import { BlockBuffer } from '@ecomind/clickhouse'
import { expect, it } from 'vitest'
import { BatchColumns } from './batch-columns.ts'
import { type BatchRows, insertBatch } from './insert-batch.ts'

const at = { org_id: 'o', log_generation: 1, log_partition: 0, log_offset: 0 }

function someRows(): BatchRows {
  const { events, minutes } = new BatchColumns()
  // Columns are the encoders' affair.
  const usage = { events, columns: {} as never, rows: Uint32Array.of(0), buffer: new BlockBuffer() }
  return {
    usage,
    minutes: { usage, minutes, buffer: new BlockBuffer() },
    quarantine: [
      { ...at, event_id: '', reason: 'poison', detail: '', raw: '', schema_id: 0, arrived_at: 0, log_index: 0 },
    ],
    ledger: [{ ...at, hour: 0, accepted: 1, stored: 1, duplicate: 0, quarantined: 0 }],
  }
}

it('the last rows of a batch go ahead of what waits, its events and minutes do not', async () => {
  const inserted: unknown[] = []
  const block = new Uint8Array(1)
  const encoders = { usage: async () => block, minutes: () => block, quarantine: () => block, ledger: () => block }
  await insertBatch(
    someRows(),
    'token',
    {
      clickhouse: { insertNative: async (table, _, token, ahead) => void inserted.push([table, token, ahead]) },
      encoders,
      untilAccepted: (action) => action(),
      faultPoint: () => undefined,
    },
    async () => undefined,
    async (rows) => rows,
  )
  expect(inserted).toEqual([
    ['usage_events', 'token', false],
    ['usage_minutes', 'token', false],
    ['quarantine', 'token', true],
    ['ingest_ledger', 'token', true],
  ])
})
