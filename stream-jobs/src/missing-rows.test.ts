import { readFileSync } from 'node:fs'
import { type LedgerRow, type QuarantineRow, RAW_KEPT_DAYS, usageRowAt } from '@ecomind/clickhouse'
import { describe, expect, it } from 'vitest'
import { DAY_MS } from './arrival-day.ts'
import { BatchColumns, type UsageSelection } from './batch-columns.ts'
import { CoefficientTable } from './coefficient-table.ts'
import { usageColumnsOf } from './enriched-columns.ts'
import type { BatchRows } from './insert-batch.ts'
import type { Intent } from './intent.ts'
import { checksumOf, countRows, findMissing, QUARANTINE_KEPT_DAYS, RAW_KEPT_DAYS_FROM_ARRIVAL } from './missing-rows.ts'
import { eventColumnsOf } from './testing/event-columns-of.ts'
import { createFakeClickHouse } from './testing/fake-clickhouse.ts'
import { usageEvent } from './testing/traffic.ts'

const NOW = 1_760_000_000_000
const intent: Intent = {
  state: 'intent',
  version: 1,
  generation: 5,
  partition: 0,
  from: 10,
  to: 20,
  count: 2,
  stored: 2,
  factorSet: 'set@1',
  methodVersion: '1',
  watermarkMs: null,
  partitionWatermarkMs: null,
  writtenAtMs: NOW,
  token: 'token',
}
const at = { generation: 5, partition: 0, from: 10, watermarkMs: null }

interface Position {
  readonly offset: number
  readonly index: number
  readonly tsMs?: number
  readonly arrivedAtMs?: number
}

/** Rows of any positions: each is a record of its own whose last event is the one. */
function usageRows(...positions: readonly Position[]): UsageSelection {
  const { added, buffer } = new BatchColumns()
  const events = eventColumnsOf(
    ...positions.map(({ offset, index, tsMs = NOW, arrivedAtMs = NOW }) => ({
      offset,
      arrivedAtMs,
      events: Array.from({ length: index + 1 }, () => usageEvent({ ts: tsMs })),
    })),
  )
  added.reserveRows(events.capacity)
  const rows = Uint32Array.from(events.records, ({ end }) => end - 1)
  return { events, columns: usageColumnsOf(events, added, new CoefficientTable(), at), rows, buffer }
}

const positionsOf = ({ events, rows }: UsageSelection) =>
  Array.from(rows, (row) => [events.offsets[row], events.indexes[row]])

function quarantineRow(offset: number, arrivedAtMs: number): QuarantineRow {
  return {
    org_id: '',
    event_id: '',
    reason: 'corrupt_record',
    detail: '',
    raw: '',
    schema_id: 0,
    arrived_at: arrivedAtMs,
    log_generation: 5,
    log_partition: 0,
    log_offset: offset,
    log_index: 0,
  }
}

function ledgerRow(orgId: string, hour: number): LedgerRow {
  const counts = { accepted: 1, stored: 1, duplicate: 0, quarantined: 0 }
  return { org_id: orgId, hour, log_generation: 5, log_partition: 0, log_offset: 10, ...counts }
}

async function missingOf(rows: BatchRows, stored: Partial<BatchRows>): Promise<BatchRows> {
  const clickhouse = createFakeClickHouse()
  const { columns, rows: storedRows } = stored.usage ?? usageRows()
  for (const row of storedRows) clickhouse.tables.usage.rows.push(usageRowAt(columns, row))
  clickhouse.tables.quarantine.rows.push(...(stored.quarantine ?? []))
  clickhouse.tables.ledger.rows.push(...(stored.ledger ?? []))
  return await findMissing(intent, rows, { clickhouse, untilAccepted: (action) => action(), clock: () => NOW })
}

describe('findMissing', () => {
  it('compares each table by its own position: offset and index, or hour and organisation', async () => {
    const rows: BatchRows = {
      usage: usageRows({ offset: 10, index: 0 }, { offset: 10, index: 1 }, { offset: 11, index: 0 }),
      minutes: null,
      quarantine: [quarantineRow(12, NOW), quarantineRow(13, NOW)],
      ledger: [ledgerRow('a', 3600), ledgerRow('a', 7200), ledgerRow('b', 3600)],
    }
    const stored = {
      usage: usageRows({ offset: 10, index: 1 }),
      quarantine: [quarantineRow(13, NOW)],
      ledger: [ledgerRow('a', 7200), ledgerRow('b', 3600)],
    }
    const missing = await missingOf(rows, stored)
    expect(positionsOf(missing.usage)).toEqual([
      [10, 0],
      [11, 0],
    ])
    expect(missing.quarantine.map((row) => row.log_offset)).toEqual([12])
    expect(missing.ledger.map((row) => [row.org_id, row.hour])).toEqual([['a', 3600]])
    expect(countRows(missing)).toBe(4)
    expect(countRows(await missingOf(rows, rows))).toBe(0)
  })

  it('does not want what the tables no longer keep', async () => {
    const old = NOW - RAW_KEPT_DAYS * DAY_MS
    const usage = usageRows(
      { offset: 10, index: 0, tsMs: old },
      { offset: 10, index: 1, tsMs: old, arrivedAtMs: NOW - RAW_KEPT_DAYS_FROM_ARRIVAL * DAY_MS },
    )
    const quarantine = [quarantineRow(11, NOW - QUARANTINE_KEPT_DAYS * DAY_MS), quarantineRow(12, 0)]
    const missing = await missingOf({ usage, minutes: null, quarantine, ledger: [] }, {})
    expect(positionsOf(missing.usage)).toEqual([[10, 0]])
    expect(missing.quarantine.map((row) => row.log_offset)).toEqual([12])
  })

  it('knows how long the tables keep their rows', () => {
    const sql = (name: string) =>
      readFileSync(new URL(`../../clickhouse/migrations/${name}.sql`, import.meta.url), 'utf8')
    expect(sql('0001_usage_events')).toContain(
      `TTL greatest(toDateTime(ts, 'UTC') + INTERVAL ${RAW_KEPT_DAYS} DAY, toDateTime(arrived_at, 'UTC') + INTERVAL ${RAW_KEPT_DAYS_FROM_ARRIVAL} DAY)`,
    )
    expect(sql('0003_quarantine_and_ledger')).toContain(
      `toDateTime(arrived_at, 'UTC') + INTERVAL ${QUARANTINE_KEPT_DAYS} DAY)`,
    )
  })
})

describe('checksumOf', () => {
  it('changes with the set of rows of any table', () => {
    const none: BatchRows = { usage: usageRows(), minutes: null, quarantine: [], ledger: [] }
    const sets: BatchRows[] = [
      none,
      { ...none, usage: usageRows({ offset: 10, index: 0 }) },
      { ...none, usage: usageRows({ offset: 10, index: 1 }) },
      { ...none, quarantine: [quarantineRow(10, NOW)] },
      { ...none, ledger: [ledgerRow('a', 3600)] },
    ]
    expect(new Set(sets.map(checksumOf)).size).toBe(sets.length)
  })
})
