/** What endpoints work with, besides the scope of a request. No connection: only a scope has one. */
import type { AnalystDesk } from '@ecomind/clickhouse'
import type { EventLog } from '@ecomind/event-log'
import type { Health } from '@ecomind/schemas'
import type { KeyRing } from '@ecomind/schemas/keys'
import type { SchemaIds } from '@ecomind/schemas/registry'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { AuditDesk } from './audit/audit-desk.ts'
import type { Doer } from './audit/doer.ts'
import type { Database, Queries } from './database/database.ts'
import type { FactorLibrary } from './factor-library.ts'
import type { AnswerSeal } from './http/idempotency.ts'
import type { EdgeNews } from './keys/edge-news.ts'
import type { KnownKeys } from './keys/known-keys.ts'
import type { LiveHub } from './live/live-hub.ts'
import type { RunningFactors } from './overrides/running-factors.ts'
import type { Erasures } from './privacy/erasures.ts'
import type { Recomputations } from './recomputation/recomputations.ts'
import type { SignIn } from './sign-in/sign-in.ts'
import type { RankingMemory } from './usage/ranking-memory.ts'

export type HealthCheck = Health['checks'][string]

/** What the schema ids in quarantined records mean, where a registry says so. */
export type ReplaySchemas = Pick<SchemaIds, 'known' | 'resolveAnew'>

/** Events that are durable in the log and not loaded yet, by hour of arrival. Replays are not counted. */
export interface InFlightHour {
  /** Epoch milliseconds, a full hour. */
  readonly hourMs: number
  readonly events: number
  /** Absent: the first of those that were asked for. Empty: a record that could not be decoded. */
  readonly orgId?: string
}

/** What endpoints need for keys. */
export interface KeyControl {
  readonly ring: KeyRing
  readonly known: Pick<KnownKeys, 'find' | 'forget'>
  readonly edges: EdgeNews
  readonly database: Database
}

/** What the control plane is to endpoints, beside the control data of a scope. */
export interface Control {
  readonly organisations: { forget(orgId: string): void }
  /** Null in a process without secret keys or without a control store. */
  readonly keys: KeyControl | null
  /** In the transaction that makes the organisation; the key's secret. @throws ApiError database_unavailable */
  readonly makeAdminKey: (queries: Queries, doer: Doer, orgId: string) => Promise<string>
  /** Of answers that are kept for an `Idempotency-Key`. */
  readonly answerSeal: AnswerSeal
  /** Null: nobody signs in, as in local mode. */
  readonly signIn: SignIn | null
}

export interface ApiContext {
  readonly nowMs: () => number
  readonly latenessMs: number
  readonly mode: string
  readonly version: string
  /** Epoch milliseconds; null before anything was loaded. */
  readonly watermarkMs: () => Promise<number | null>
  readonly inFlight: (orgIds: readonly string[]) => Promise<readonly InFlightHour[]>
  readonly healthChecks: Readonly<Record<string, () => Promise<HealthCheck>>>
  readonly factors: FactorLibrary
  readonly rankings: RankingMemory
  readonly control: Control
  /** Null where there is no control store. */
  readonly audit: AuditDesk | null
  /** Null where this process does not know what the loader runs with. */
  readonly runningFactors: RunningFactors | null
  /** Null where this process does not own the rollups. */
  readonly recomputations: Recomputations | null
  /** Null where this process does not own the rollups. */
  readonly erasures: Erasures | null
  /** Organisations of which a person's data is being exported now. */
  readonly exporting: Set<string>
  /** Where replayed events go; null where there is no log at hand. */
  readonly replayLog: Pick<EventLog, 'append' | 'partitions'> | null
  /** Null: ids of the schemas folder. */
  readonly schemas: ReplaySchemas | null
  /** Runs replays one after the other, so that two requests for one event do not both append it. */
  readonly replayTurn: <T>(work: () => Promise<T>) => Promise<T>
  /** Null where this process answers no SQL of analysts. */
  readonly analysts: AnalystDesk | null
  readonly live: LiveHub
  readonly logger: Logger
  /** Metrics of the whole process. */
  readonly registry: Registry
}
