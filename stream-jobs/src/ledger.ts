/**
 * Step: the counts of one batch per organisation and hour of arrival (contract 5.2). In every row
 * accepted = stored + duplicate + quarantined. A replay was accepted when it first came, so it moves one from
 * quarantined to where it ends. A poison record counts one under organisation '', which nobody owns: who wrote its
 * events can't be known. A replay of such a record moves that one to the organisation of each of its events.
 * A replayed event that is a duplicate was replayed twice (its new id hangs on its position alone): it counts nothing.
 */
import type { LedgerRow } from '@ecomind/clickhouse'
import { parsePosition } from '@ecomind/schemas'
import type { PoisonRecord } from './decode-records.ts'
import { CONFLICT, DUPLICATE, FIRST_COPY } from './drop-duplicates.ts'
import type { EventColumns } from './event-columns.ts'
import { WHOLE_RECORD_INDEX } from './quarantine-rows.ts'

const HOUR_MS = 3_600_000
/** Organisation ''. */
const NOBODY = 0
const OUTCOMES = { [FIRST_COPY]: 'stored', [DUPLICATE]: 'duplicate', [CONFLICT]: 'quarantined' } as const

interface Counts {
  readonly org: number
  readonly hour: number
  accepted: number
  stored: number
  duplicate: number
  quarantined: number
}

export interface BatchPosition {
  readonly generation: number
  readonly partition: number
  /** First offset of the batch. */
  readonly from: number
}

export function ledgerRows(
  events: EventColumns,
  fates: Uint8Array,
  poison: readonly PoisonRecord[],
  at: BatchPosition,
): LedgerRow[] {
  const byHour = new Map<number, Map<number, Counts>>()
  const countsOf = (org: number, arrivedAtMs: number): Counts => {
    const hour = Math.floor(arrivedAtMs / HOUR_MS) * (HOUR_MS / 1000)
    const ofHour = byHour.get(hour) ?? new Map<number, Counts>()
    byHour.set(hour, ofHour)
    const counts = ofHour.get(org) ?? { org, hour, accepted: 0, stored: 0, duplicate: 0, quarantined: 0 }
    ofHour.set(org, counts)
    return counts
  }
  for (const { first, end, arrivedAtMs, replayOf } of events.records) {
    const replay = replayOf === null ? 'none' : replaysRecord(replayOf) ? 'record' : 'event'
    for (let row = first; row < end; row++) {
      const own = countsOf(events.orgs[row] ?? NOBODY, arrivedAtMs)
      const outcome = OUTCOMES[fates[row] as keyof typeof OUTCOMES]
      if (outcome === 'duplicate' && replay === 'event') continue
      own[outcome] += 1
      if (replay === 'event') own.quarantined -= 1
      else own.accepted += 1
      if (replay !== 'record' || row > first) continue
      const nobody = countsOf(NOBODY, arrivedAtMs)
      nobody.accepted -= 1
      nobody.quarantined -= 1
    }
  }
  for (const record of poison) {
    const nobody = countsOf(NOBODY, record.arrivedAtMs)
    nobody.accepted += 1
    nobody.quarantined += 1
  }
  return [...byHour.values()]
    .flatMap((ofHour) => [...ofHour.values()])
    .map(({ org, ...counts }) => ({ org_id: events.names.text(org), ...counts }))
    .sort((a, b) => a.hour - b.hour || (a.org_id < b.org_id ? -1 : 1))
    .map((counts) => ({ ...counts, log_generation: at.generation, log_partition: at.partition, log_offset: at.from }))
}

function replaysRecord(replayOf: string): boolean {
  return parsePosition(replayOf)?.index === WHOLE_RECORD_INDEX
}
