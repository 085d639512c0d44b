/** The one place that knows there is a choice: ClickHouse in this process, or a server. */
import { ChdbClickHouse } from './chdb-clickhouse.ts'
import { type ClickHouse, ClickHouseError } from './clickhouse.ts'
import { CLUSTER_INSERT_SETTINGS, CLUSTER_SETTINGS, ClusterClickHouse } from './cluster-clickhouse.ts'
import { INSERT_DATABASE } from './cluster-statements.ts'
import { acquireEngine } from './embedded-engine.ts'
import { HttpClickHouse } from './http-clickhouse.ts'
import type { HttpTarget } from './http-target.ts'
import { spreadQuestions } from './spread-questions.ts'

/**
 * `loader` inserts, `api` answers our own questions, `upkeep` rebuilds and recomputes, `analyst` runs what people typed: a
 * connection each. `loader` and `upkeep` decide by what they read, so a cluster gives them nothing that is out of date.
 */
export type ClickHouseRole = 'loader' | 'api' | 'upkeep' | 'analyst'

/** Questions of the API that are answered side by side: as many as the largest answer has pieces. */
const API_CONNECTIONS = 3

export type ClickHouseTarget = EmbeddedTarget | HttpTarget

export interface EmbeddedTarget {
  readonly kind: 'embedded'
  readonly dataDir: string
  readonly spoolDir: string
}

export interface OpenOptions {
  readonly role: ClickHouseRole
}

/**
 * Several connections of one process may share a data directory; a second process is refused.
 * @throws ClickHouseError when the directory is taken or nobody answers
 */
export async function openClickHouse(target: ClickHouseTarget, options: OpenOptions): Promise<ClickHouse> {
  const ch = await connectAs(target, options.role)
  try {
    await ch.query({ text: 'SELECT 1 AS one' })
  } catch (cause) {
    await ch.close()
    throw target.kind === 'http' ? withMend(cause, target) : cause
  }
  return ch
}

async function connectAs(target: ClickHouseTarget, role: ClickHouseRole): Promise<ClickHouse> {
  const first = await connect(target, role)
  if (role !== 'api') return first
  const more: ClickHouse[] = []
  try {
    while (more.length + 1 < API_CONNECTIONS) more.push(await connect(target, role))
  } catch (error) {
    for (const ch of [first, ...more]) await ch.close()
    throw error
  }
  return spreadQuestions([first, ...more])
}

async function connect(target: ClickHouseTarget, role: ClickHouseRole): Promise<ClickHouse> {
  if (target.kind === 'embedded') {
    return new ChdbClickHouse(await acquireEngine(target.dataDir, target.spoolDir), role)
  }
  if (target.cluster === undefined) return new HttpClickHouse(target)
  const server = new HttpClickHouse(target, {
    insert: CLUSTER_INSERT_SETTINGS,
    every: CLUSTER_SETTINGS,
    insertDatabase: INSERT_DATABASE,
  })
  const reads = role === 'loader' || role === 'upkeep' ? 'consistent' : 'any-replica'
  return new ClusterClickHouse(server, target.cluster, reads)
}

/** What the first answer of a server most often says, with what to do about it. */
function withMend(cause: unknown, { url, username = 'default' }: HttpTarget): unknown {
  if (!(cause instanceof ClickHouseError)) return cause
  const mend = mendOf(cause, username)
  if (mend === null) return cause
  const text = `open ClickHouse at ${new URL(url).host}: ${mend} (${cause.message})`
  return new ClickHouseError(text, cause.code, cause.retryable, { cause, outcome: cause.outcome })
}

function mendOf({ code, message }: ClickHouseError, username: string): string | null {
  if (code === 164) return `user ${username} is read-only: give it a profile with readonly = 0`
  if (code === 516) return `user ${username} is not let in: check CLICKHOUSE_USER and CLICKHOUSE_PASSWORD or its file`
  if (message.includes('TLS: '))
    return 'its certificate is not trusted: check CLICKHOUSE_CA_FILE and the name in CLICKHOUSE_URL'
  if (/ENOTFOUND|EAI_AGAIN/.test(message)) return 'its name is not known here: check CLICKHOUSE_URL'
  if (/ECONNREFUSED/.test(message)) return 'nobody listens there: check CLICKHOUSE_URL and whether it runs'
  return null
}
