/**
 * A cluster behind the same port: statements that make or change tables are rewritten (cluster-statements.ts), the rest
 * passes. Inserts go to the distributed tables, which cut a block by organisation and hand each shard its rows at once,
 * under the same token; a shard that has them already refuses its part, one that missed them takes it.
 */
import type { ClickHouse, QueryLimits, Statement } from './clickhouse.ts'
import { clusterStatements } from './cluster-statements.ts'
import { checkIdentifier, quoteString } from './sql-literals.ts'
import type { Settings } from './statement-settings.ts'

/** Beside those of every insert. Without the first, the server that is asked says yes and sends the rows on later. */
export const CLUSTER_INSERT_SETTINGS: Settings = {
  distributed_foreground_insert: 1,
  // A yes means that most replicas of the shard have the rows: one that burns takes none of them along.
  insert_quorum: 'auto',
  insert_quorum_timeout: 60_000,
}

/** With every request to a cluster; over HTTP a setting ends with its request. */
export const CLUSTER_SETTINGS = {
  distributed_foreground_insert: 1,
  // Each server runs what it is asked for, so that one row of a question is one row.
  parallel_distributed_insert_select: 0,
  // The small side of a join is sent to the shards, whichever server has it.
  prefer_global_in_and_join: 1,
  distributed_product_mode: 'global',
  // A replica that is down catches up when it is back; it must not hold up a change of tables.
  distributed_ddl_output_mode: 'none_only_active',
} as const

/** `consistent`: what is asked must hold everything that was acknowledged, on whichever replica it is asked. */
export type Reads = 'any-replica' | 'consistent'

const ASKED_TABLE = /^CREATE (?:OR REPLACE )?TABLE (?:IF NOT EXISTS )?ecomind\.(\w+) [\s\S]*ENGINE = Distributed/

const REPLICATED =
  /\becomind\.(usage_events|usage_1m|usage_15m|usage_1h|usage_1d|quarantine|quarantine_replays|ingest_ledger|recomputations|raw_kept_from|raw_removals|erasures|erased_events)\b/g

export class ClusterClickHouse implements ClickHouse {
  readonly #server: ClickHouse
  readonly #cluster: string
  readonly #reads: Reads

  constructor(server: ClickHouse, cluster: string, reads: Reads) {
    this.#server = server
    this.#cluster = checkIdentifier(cluster)
    this.#reads = reads
  }

  async command(statement: Statement): Promise<void> {
    const { text, isShort } = statement
    if (/^\s*INSERT\b[\s\S]*\bSELECT\b/.test(text)) await this.#catchUp(text, isShort)
    for (const each of clusterStatements(text, this.#cluster)) {
      await this.#server.command({ ...statement, text: each })
      const asked = ASKED_TABLE.exec(each)?.[1]
      if (asked !== undefined) await this.#makeAliasesPlain(asked)
    }
  }

  async query<Row>(statement: Statement, limits?: QueryLimits): Promise<readonly Row[]> {
    await this.#catchUp(statement.text, true)
    return await this.#server.query<Row>({ ...statement, text: onCluster(statement.text, this.#cluster) }, limits)
  }

  async insertNative(table: string, block: Uint8Array, token: string, ahead?: boolean): Promise<void> {
    await this.#server.insertNative(table, block, token, ahead)
  }

  async close(): Promise<void> {
    await this.#server.close()
  }

  /** The shards compute them; a distributed table that knows their formula sends a statement that can't be read. */
  async #makeAliasesPlain(table: string): Promise<void> {
    const aliases = await this.#server.query<{ name: string }>({
      text: `SELECT name FROM system.columns
        WHERE database = 'ecomind' AND table = {table:String} AND default_kind = 'ALIAS' ORDER BY position`,
      params: { table },
    })
    if (aliases.length === 0) return
    const actions = aliases.map(({ name }) => `MODIFY COLUMN ${checkIdentifier(name)} REMOVE ALIAS`).join(', ')
    await this.#server.command({
      text: `ALTER TABLE ecomind.${table} ON CLUSTER ${quoteString(this.#cluster)} ${actions}`,
    })
  }

  /**
   * Whoever decides by what it reads must not read from a replica that is behind: rows that only seem to be missing would
   * be put in again. Waits for what other replicas have, not for merges.
   */
  async #catchUp(text: string, isShort = false): Promise<void> {
    if (this.#reads === 'any-replica') return
    for (const table of new Set([...text.matchAll(REPLICATED)].map((match) => match[1]))) {
      const on = `ON CLUSTER ${quoteString(this.#cluster)}`
      await this.#server.command({ text: `SYSTEM SYNC REPLICA ${on} ecomind_local.${table} LIGHTWEIGHT`, isShort })
    }
  }
}

/** What one server knows of its tables is asked of one replica of every shard. */
export function onCluster(text: string, cluster: string): string {
  if (!/\bsystem\.(tables|parts)\b/.test(text)) return text
  return text
    .replace(/\bsystem\.parts\b/g, `cluster(${quoteString(cluster)}, system.parts)`)
    .replace(/'ecomind'/g, "'ecomind_local'")
}
