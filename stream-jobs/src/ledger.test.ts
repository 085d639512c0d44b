import { formatPosition } from '@ecomind/schemas'
import { describe, expect, it } from 'vitest'
import type { ArrivedEvent, PoisonRecord } from './decode-records.ts'
import { ledgerRows } from './ledger.ts'
import { WHOLE_RECORD_INDEX } from './quarantine-rows.ts'
import { usageEvent } from './testing/traffic.ts'

const HOUR = 1_759_996_800
const at = { generation: 1, partition: 0, from: 5 }

function arrived(orgId: string, hour: number, replayOf: string | null = null, index = 0): ArrivedEvent {
  const event = usageEvent({ org_id: orgId })
  return {
    event,
    contentHash: 1,
    bytes: new Uint8Array(),
    schemaId: 1,
    arrivedAtMs: (hour + 59) * 1000,
    replayOf,
    offset: 5,
    index,
  }
}
const first = (event: ArrivedEvent) => ({ arrived: event, key: '' })
const conflict = (event: ArrivedEvent) => ({
  arrived: event,
  first: { generation: 1, offset: 1, index: 0, contentHash: 2, arrivalDay: 1 },
})
const poison: PoisonRecord = {
  reason: 'undecodable_record',
  detail: '',
  bytes: new Uint8Array(),
  schemaId: 0,
  arrivedAtMs: HOUR * 1000,
  offset: 5,
}
const none = { firsts: [], duplicates: [], conflicts: [] }
const counts = (rows: ReturnType<typeof ledgerRows>) =>
  rows.map((r) => [r.org_id, r.hour, r.accepted, r.stored, r.duplicate, r.quarantined])

describe('ledgerRows', () => {
  it('counts each organisation and hour of arrival on its own, and every row is balanced', () => {
    const rows = ledgerRows(
      {
        firsts: [first(arrived('a', HOUR)), first(arrived('a', HOUR + 3600)), first(arrived('b', HOUR))],
        duplicates: [arrived('a', HOUR)],
        conflicts: [conflict(arrived('b', HOUR))],
      },
      [poison],
      at,
    )
    expect(counts(rows)).toEqual([
      ['', HOUR, 1, 0, 0, 1],
      ['a', HOUR, 2, 1, 1, 0],
      ['b', HOUR, 2, 1, 0, 1],
      ['a', HOUR + 3600, 1, 1, 0, 0],
    ])
    for (const row of rows) expect(row.accepted).toBe(row.stored + row.duplicate + row.quarantined)
  })

  it('moves a replayed event from quarantined to where it ends', () => {
    const replay = formatPosition({ generation: 1, partition: 0, offset: 3, index: 2 })
    expect(counts(ledgerRows({ ...none, firsts: [first(arrived('a', HOUR, replay))] }, [], at))).toEqual([
      ['a', HOUR, 0, 1, 0, -1],
    ])
    // Replayed twice: the first one moved it already.
    expect(counts(ledgerRows({ ...none, duplicates: [arrived('a', HOUR, replay)] }, [], at))).toEqual([
      ['a', HOUR, 0, 0, 0, 0],
    ])
    expect(counts(ledgerRows({ ...none, conflicts: [conflict(arrived('a', HOUR, replay))] }, [], at))).toEqual([
      ['a', HOUR, 0, 0, 0, 0],
    ])
  })

  it('moves a replayed record from nobody to the organisations of its events', () => {
    const replay = formatPosition({ generation: 1, partition: 0, offset: 3, index: WHOLE_RECORD_INDEX })
    const firsts = [first(arrived('a', HOUR, replay, 0)), first(arrived('a', HOUR, replay, 1))]
    expect(counts(ledgerRows({ ...none, firsts }, [], at))).toEqual([
      ['', HOUR, -1, 0, 0, -1],
      ['a', HOUR, 2, 2, 0, 0],
    ])
  })
})
