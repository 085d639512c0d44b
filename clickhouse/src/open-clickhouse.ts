/** The one place that knows there is a choice: ClickHouse in this process, or a server. */
import { ChdbClickHouse } from './chdb-clickhouse.ts'
import type { ClickHouse } from './clickhouse.ts'
import { acquireEngine } from './embedded-engine.ts'
import { HttpClickHouse } from './http-clickhouse.ts'

/** `loader` inserts, `api` answers our own questions, `analyst` runs what people typed: a connection each. */
export type ClickHouseRole = 'loader' | 'api' | 'analyst'

export type ClickHouseTarget =
  | { readonly kind: 'embedded'; readonly dataDir: string; readonly spoolDir: string }
  | {
      readonly kind: 'http'
      readonly url: string
      readonly username?: string
      readonly password?: string
      /** Default 300,000 ms. */
      readonly requestTimeoutMs?: number
    }

export interface OpenOptions {
  readonly role: ClickHouseRole
}

const REQUEST_TIMEOUT_MS = 300_000

/**
 * Several connections of one process may share a data directory; a second process is refused.
 * @throws ClickHouseError when the directory is taken or nobody answers
 */
export async function openClickHouse(target: ClickHouseTarget, options: OpenOptions): Promise<ClickHouse> {
  const ch =
    target.kind === 'embedded'
      ? new ChdbClickHouse(await acquireEngine(target.dataDir, target.spoolDir), options.role)
      : new HttpClickHouse({ ...target, requestTimeoutMs: target.requestTimeoutMs ?? REQUEST_TIMEOUT_MS })
  try {
    await ch.query({ text: 'SELECT 1 AS one' })
  } catch (cause) {
    await ch.close()
    throw cause
  }
  return ch
}
