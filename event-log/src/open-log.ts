import type { EventLog } from './event-log.ts'
import { openKafkaLog } from './kafka-log.ts'
import type { KafkaLogOptions } from './kafka-options.ts'
import { type LmdbLogOptions, openLmdbLog } from './lmdb-log.ts'
import { createMemoryStorage, openMemoryLog } from './memory-log.ts'

/** The one place that knows that there is a choice of log. */
export type LogSettings =
  | ({ readonly kind: 'embedded' } & LmdbLogOptions)
  | { readonly kind: 'memory'; readonly partitions: number; readonly maxBytes?: number; readonly retentionMs?: number }
  | ({ readonly kind: 'kafka' } & KafkaLogOptions)

/** @throws LogUnavailableError when the log can't be used, RangeError for impossible settings */
export async function openLog(settings: LogSettings): Promise<EventLog> {
  switch (settings.kind) {
    case 'embedded':
      return openLmdbLog(settings)
    case 'memory': {
      const { kind: _, partitions, ...bounds } = settings
      return openMemoryLog({ storage: createMemoryStorage(partitions), ...bounds })
    }
    case 'kafka':
      return openKafkaLog(settings)
  }
}
