/**
 * Events that were accepted and are not yet in the ledger: the unread tail of the log, counted per organisation and
 * hour of arrival (GET /v1/reconciliation). Bounded: of a long tail only the front is counted, and that is said.
 */
import type { Membership } from '@ecomind/event-log'
import { decodeRecords } from './decode-records.ts'
import { EventColumns } from './event-columns.ts'
import { knownSchemasOf, type SchemaSource } from './schema-source.ts'

export interface InFlightItem {
  readonly orgId: string
  /** Start of the hour of arrival, epoch milliseconds. */
  readonly hourMs: number
  readonly events: number
}

export interface InFlight {
  readonly items: readonly InFlightItem[]
  /** False when the tail was longer than what is counted at once. */
  readonly complete: boolean
}

export interface InFlightLimits {
  readonly eventsMax: number
  readonly bytesMax: number
}

const HOUR_MS = 3_600_000
const READ_RECORDS = 200

/** Counts from each partition's `loadedTo` to the end of the log. Replays are not in flight: they were accepted before. */
export async function countInFlight(
  partitions: readonly { readonly partition: number; readonly loadedTo: number }[],
  membership: Pick<Membership, 'read'>,
  limits: InFlightLimits,
  schemas: SchemaSource | null = null,
): Promise<InFlight> {
  const counts = new Map<string, { orgId: string; hourMs: number; events: number }>()
  const columns = new EventColumns()
  let events = 0
  let bytes = 0
  let complete = true
  for (const { partition, loadedTo } of partitions) {
    let next = loadedTo
    for (;;) {
      if (events >= limits.eventsMax || bytes >= limits.bytesMax) {
        complete = false
        break
      }
      const options = { maxRecords: READ_RECORDS, maxBytes: Math.min(4 * 2 ** 20, limits.bytesMax), waitMs: 0 }
      const records = await membership.read(partition, next, options)
      const last = records.at(-1)
      if (last === undefined) break
      next = last.offset + 1
      bytes += records.reduce((sum, record) => sum + record.value.length, 0)
      columns.clear()
      const { poison } = await decodeRecords(records, columns, knownSchemasOf(records, schemas))
      for (const { first, end, arrivedAtMs, replayOf } of columns.records) {
        if (replayOf !== null) continue
        for (let row = first; row < end; row++) add(counts, columns.org(row), arrivedAtMs)
      }
      for (const record of poison) add(counts, '', record.arrivedAtMs)
      events += columns.count + poison.length
    }
  }
  const items = [...counts.values()].sort((a, b) => a.hourMs - b.hourMs || (a.orgId < b.orgId ? -1 : 1))
  return { items, complete }
}

function add(
  counts: Map<string, { orgId: string; hourMs: number; events: number }>,
  orgId: string,
  atMs: number,
): void {
  const hourMs = Math.floor(atMs / HOUR_MS) * HOUR_MS
  const key = `${hourMs}/${orgId}`
  const item = counts.get(key)
  if (item === undefined) counts.set(key, { orgId, hourMs, events: 1 })
  else item.events += 1
}
