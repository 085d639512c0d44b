import { formatPosition } from '@ecomind/schemas'
import { describe, expect, it } from 'vitest'
import type { PoisonRecord } from './decode-records.ts'
import { CONFLICT, DUPLICATE, FIRST_COPY } from './drop-duplicates.ts'
import { ledgerRows } from './ledger.ts'
import { WHOLE_RECORD_INDEX } from './quarantine-rows.ts'
import { eventColumnsOf } from './testing/event-columns-of.ts'
import { usageEvent } from './testing/traffic.ts'

const HOUR = 1_759_996_800
const at = { generation: 1, partition: 0, from: 5 }

interface Judged {
  readonly fate: number
  readonly orgs: readonly string[]
  readonly hour: number
  readonly replayOf?: string
}

/** One record each, all of its events with one fate. */
function rowsOf(records: readonly Judged[], poisonous: readonly PoisonRecord[] = []) {
  const events = eventColumnsOf(
    ...records.map(({ orgs, hour, replayOf }, i) => ({
      offset: 5 + i,
      arrivedAtMs: (hour + 59) * 1000,
      events: orgs.map((org_id) => usageEvent({ org_id })),
      ...(replayOf === undefined ? {} : { replayOf }),
    })),
  )
  const fates = Uint8Array.from(records.flatMap(({ fate, orgs }) => orgs.map(() => fate)))
  return ledgerRows(events, fates, poisonous, at)
}
const poison: PoisonRecord = {
  reason: 'undecodable_record',
  detail: '',
  bytes: new Uint8Array(),
  schemaId: 0,
  arrivedAtMs: HOUR * 1000,
  offset: 5,
}
const counts = (rows: ReturnType<typeof ledgerRows>) =>
  rows.map((r) => [r.org_id, r.hour, r.accepted, r.stored, r.duplicate, r.quarantined])

describe('ledgerRows', () => {
  it('counts each organisation and hour of arrival on its own, and every row is balanced', () => {
    const rows = rowsOf(
      [
        { fate: FIRST_COPY, orgs: ['a', 'b'], hour: HOUR },
        { fate: FIRST_COPY, orgs: ['a'], hour: HOUR + 3600 },
        { fate: DUPLICATE, orgs: ['a'], hour: HOUR },
        { fate: CONFLICT, orgs: ['b'], hour: HOUR },
      ],
      [poison],
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
    const replayOf = formatPosition({ generation: 1, partition: 0, offset: 3, index: 2 })
    const replayed = (fate: number) => counts(rowsOf([{ fate, orgs: ['a'], hour: HOUR, replayOf }]))
    expect(replayed(FIRST_COPY)).toEqual([['a', HOUR, 0, 1, 0, -1]])
    // Replayed twice: the first one moved it already.
    expect(replayed(DUPLICATE)).toEqual([['a', HOUR, 0, 0, 0, 0]])
    expect(replayed(CONFLICT)).toEqual([['a', HOUR, 0, 0, 0, 0]])
  })

  it('moves a replayed record from nobody to the organisations of its events', () => {
    const replayOf = formatPosition({ generation: 1, partition: 0, offset: 3, index: WHOLE_RECORD_INDEX })
    expect(counts(rowsOf([{ fate: FIRST_COPY, orgs: ['a', 'a'], hour: HOUR, replayOf }]))).toEqual([
      ['', HOUR, -1, 0, 0, -1],
      ['a', HOUR, 2, 2, 0, 0],
    ])
  })
})
