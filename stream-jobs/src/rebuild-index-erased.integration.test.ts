/** An index that is made anew after an erasure, on a real ClickHouse: copies of erased events are copies. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type ClickHouse,
  insertUsageRows,
  migrate,
  moveRaw,
  openClickHouse,
  openErasure,
  removeRaw,
} from '@ecomind/clickhouse'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { arrivalDay, DAY_MS } from './arrival-day.ts'
import { createMemoryIndex } from './dedupe-index.ts'
import { dropDuplicates } from './drop-duplicates.ts'
import { createEnricher } from './enrich.ts'
import { rebuildIndex } from './rebuild-index.ts'
import { idsFor, ORG } from './testing/index-tools.ts'
import { processModels } from './testing/process-models.ts'
import { usageEvent } from './testing/traffic.ts'

/** ClickHouse drops rows by its own clock, so they must be young by that. */
const NOW_MS = Date.now()
const PERSON = 'someone@example.org'
const enrich = createEnricher(processModels().running)

let dir: string
let clickhouse: ClickHouse
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'erased-index-'))
  const target = { kind: 'embedded', dataDir: join(dir, 'data'), spoolDir: join(dir, 'spool') } as const
  clickhouse = await openClickHouse(target, { role: 'loader' })
  await migrate(clickhouse)
})
afterEach(async () => {
  await clickhouse.close()
  await rm(dir, { recursive: true, force: true })
})

function row(id: string, offset: number, userId: string) {
  const event = usageEvent({ event_id: id, user_id: userId, ts: NOW_MS - DAY_MS })
  const at = { bytes: new Uint8Array(), contentHash: 77, schemaId: 1, arrivedAtMs: NOW_MS - DAY_MS, replayOf: null }
  return enrich({ event, ...at, offset, index: 0 }, { generation: 1, partition: 0, from: 0, watermarkMs: null })
}

test.each(['pseudonymise', 'delete'])('after %s', async (mode) => {
  await insertUsageRows(clickhouse, [row('event-one', 1, PERSON), row('event-two', 2, 'other')], 'rows')
  const target = mode === 'delete' ? '' : 'person_1'
  const move = { orgId: ORG, userId: PERSON, target, mark: 'mark' }
  const month = Number(new Date(NOW_MS - DAY_MS).toISOString().slice(0, 7).replace('-', ''))
  await openErasure(clickhouse, move)
  await (mode === 'delete' ? removeRaw : moveRaw)(clickhouse, month, move, NOW_MS - 38 * DAY_MS)

  const index = createMemoryIndex()
  const place = { generation: 1, partition: 0, partitions: 1, upTo: 10, retentionDays: 35, nowMs: NOW_MS }
  const known = await rebuildIndex(index, place, { clickhouse, onProgress: () => {}, betweenSlices: () => {} })
  expect(known).toBe(2)

  const again = (contentHash: number) => ({
    generation: 1,
    offset: 20,
    index: 0,
    contentHash,
    arrivalDay: arrivalDay(NOW_MS),
  })
  const sent = [
    ['event-one', again(77)],
    ['event-two', again(77)],
    ['event-one', again(78)],
    ['event-two', again(78)],
  ] as const
  const ids = idsFor(sent, index.keyOf)
  const sifted = dropDuplicates(ids, { generation: 1, from: 20, retentionDays: 35 }, index)
  expect([...sifted.firsts]).toEqual([])
  expect([...sifted.duplicates]).toEqual([0, 1, 2])
  // What the other one said is still known.
  expect(sifted.conflicts.map(({ row: at }) => at)).toEqual([3])
})
