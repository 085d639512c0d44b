/** Columns of test events, made as the loader makes them: from the bytes of log records. */
import { encodeBatch } from '@ecomind/schemas/avro'
import { decodeRecord } from '../decode-records.ts'
import { EventColumns } from '../event-columns.ts'
import type { SentBatch } from './traffic.ts'

export interface SentRecord extends SentBatch {
  readonly offset: number
}

export function eventColumnsOf(...sent: readonly SentRecord[]): EventColumns {
  const events = new EventColumns()
  for (const { offset, arrivedAtMs, replayOf = null, events: own } of sent) {
    const value = encodeBatch({ arrivedAtMs, edgeId: 'edge-1', replayOf }, own)
    const poison: never[] = []
    decodeRecord({ kind: 'ok', offset, arrivedAtMs, value }, { events, poison })
  }
  return events
}
