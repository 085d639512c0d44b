/**
 * Step: the counts of one batch per organisation and hour of arrival (contract 5.2). In every row
 * accepted = stored + duplicate + quarantined. A replay was accepted when it first came, so it moves one from
 * quarantined to where it ends. A poison record counts one under organisation '', which nobody owns: who wrote its
 * events can't be known. A replay of such a record moves that one to the organisation of each of its events.
 * A replayed event that is a duplicate was replayed twice (its new id hangs on its position alone): it counts nothing.
 */
import type { LedgerRow } from '@ecomind/clickhouse'
import { parsePosition } from '@ecomind/schemas'
import type { ArrivedEvent, PoisonRecord } from './decode-records.ts'
import { WHOLE_RECORD_INDEX } from './quarantine-rows.ts'
import type { SiftedEvents } from './sifted-events.ts'

const HOUR_MS = 3_600_000

type Outcome = 'stored' | 'duplicate' | 'quarantined'
type Counts = Record<Outcome | 'accepted', number>

export interface BatchPosition {
  readonly generation: number
  readonly partition: number
  /** First offset of the batch. */
  readonly from: number
}

export function ledgerRows(sifted: SiftedEvents, poison: readonly PoisonRecord[], at: BatchPosition): LedgerRow[] {
  const counts = new Map<string, { orgId: string; hour: number; counts: Counts }>()
  const countsOf = (orgId: string, arrivedAtMs: number): Counts => {
    const hour = Math.floor(arrivedAtMs / HOUR_MS) * (HOUR_MS / 1000)
    const key = `${hour}/${orgId}`
    const known = counts.get(key)
    if (known !== undefined) return known.counts
    const fresh = { accepted: 0, stored: 0, duplicate: 0, quarantined: 0 }
    counts.set(key, { orgId, hour, counts: fresh })
    return fresh
  }
  const count = (arrived: ArrivedEvent, outcome: Outcome): void => {
    const own = countsOf(arrived.event.org_id, arrived.arrivedAtMs)
    if (outcome === 'duplicate' && arrived.replayOf !== null && !replaysRecord(arrived.replayOf)) return
    own[outcome] += 1
    if (arrived.replayOf === null) own.accepted += 1
    else if (!replaysRecord(arrived.replayOf)) own.quarantined -= 1
    else {
      own.accepted += 1
      if (arrived.index > 0) return
      const nobody = countsOf('', arrived.arrivedAtMs)
      nobody.accepted -= 1
      nobody.quarantined -= 1
    }
  }
  for (const { arrived } of sifted.firsts) count(arrived, 'stored')
  for (const arrived of sifted.duplicates) count(arrived, 'duplicate')
  for (const { arrived } of sifted.conflicts) count(arrived, 'quarantined')
  for (const record of poison) {
    const nobody = countsOf('', record.arrivedAtMs)
    nobody.accepted += 1
    nobody.quarantined += 1
  }
  return [...counts.values()]
    .sort((a, b) => a.hour - b.hour || (a.orgId < b.orgId ? -1 : 1))
    .map((row) => ({
      org_id: row.orgId,
      hour: row.hour,
      log_generation: at.generation,
      log_partition: at.partition,
      log_offset: at.from,
      ...row.counts,
    }))
}

function replaysRecord(replayOf: string): boolean {
  return parsePosition(replayOf)?.index === WHOLE_RECORD_INDEX
}
