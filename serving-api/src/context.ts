/** What endpoints work with, besides the scope of a request. No connection: only a scope has one. */
import type { EventLog } from '@ecomind/event-log'
import type { Health } from '@ecomind/schemas'
import type { SchemaIds } from '@ecomind/schemas/registry'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { FactorLibrary } from './factor-library.ts'
import type { LiveHub } from './live/live-hub.ts'
import type { RunningFactors } from './overrides/running-factors.ts'
import type { Recomputations } from './recomputation/recomputations.ts'

export type HealthCheck = Health['checks'][string]

/** What the schema ids in quarantined records mean, where a registry says so. */
export type ReplaySchemas = Pick<SchemaIds, 'known' | 'resolveAnew'>

/** Events that are durable in the log and not loaded yet, by hour of arrival. Replays are not counted. */
export interface InFlightHour {
  /** Epoch milliseconds, a full hour. */
  readonly hourMs: number
  readonly events: number
  /** Absent: the organisation that was asked for. Empty: a record that could not be decoded. */
  readonly orgId?: string
}

export interface ApiContext {
  readonly nowMs: () => number
  /** The organisation's zone. */
  readonly tz: string
  readonly latenessMs: number
  readonly mode: string
  readonly version: string
  /** Epoch milliseconds; null before anything was loaded. */
  readonly watermarkMs: () => Promise<number | null>
  readonly inFlight: (orgId: string) => Promise<readonly InFlightHour[]>
  readonly healthChecks: Readonly<Record<string, () => Promise<HealthCheck>>>
  readonly factors: FactorLibrary
  /** Null where this process does not know what the loader runs with. */
  readonly runningFactors: RunningFactors | null
  /** Null where this process does not own the rollups. */
  readonly recomputations: Recomputations | null
  /** Where replayed events go; null where there is no log at hand. */
  readonly replayLog: Pick<EventLog, 'append' | 'partitions'> | null
  /** Null: ids of the schemas folder. */
  readonly schemas: ReplaySchemas | null
  /** Runs replays one after the other, so that two requests for one event do not both append it. */
  readonly replayTurn: <T>(work: () => Promise<T>) => Promise<T>
  readonly live: LiveHub
  readonly logger: Logger
  /** Metrics of the whole process. */
  readonly registry: Registry
}
