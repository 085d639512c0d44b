/**
 * The statements of one server, made for a cluster. There is one source of SQL, the migrations and the statements of
 * rebuilds and recomputations; this makes of each what a cluster needs:
 * - rows lie in replicated tables of `ecomind_local`; `ecomind.<name>` is the distributed table to ask, `ecomind_in.<name>`
 *   the one to insert into. They differ in ALIAS columns: asked through a distributed table, the engine writes their formula
 *   into the statement for the shards, which then has two meanings of one name (code 179 on 26.7); so the asked one has
 *   them as plain columns (cluster-clickhouse.ts), which the inserting one can't have;
 * - views stand on the local tables, so a block is added up on the shard that stores it;
 * - whatever makes or changes tables says ON CLUSTER.
 * Questions stay as they are: they meet the distributed tables under the names they know.
 */
import { quoteString } from './sql-literals.ts'

const LOCAL = 'ecomind_local'
/** The distributed tables of this database take the inserts. */
export const INSERT_DATABASE = 'ecomind_in'
const DATABASES = ['ecomind', INSERT_DATABASE, LOCAL]

/** Rows of one organisation lie on one shard: its questions ask one shard, and its windows are whole there. */
const SHARD_COLUMN_DEFAULT = 'org_id'
/** Tables that know no organisation. Rows that replace each other share the column, so they meet on one shard. */
const SHARD_COLUMNS: Readonly<Record<string, string>> = {
  schema_migrations: 'number',
  watermarks: '`group`',
  factors: 'factor_set',
  grids: 'factor_set',
  probe_raw: 'n',
  probe_sum: 'k',
}

/** Seconds for which a token is remembered, beside the number of blocks. The server's default is an hour; this is a week. */
const WINDOW_SECONDS = 604_800

/** `{uuid}` is the same on all replicas because of ON CLUSTER, and a table made AS another gets a path of its own. */
const REPLICA_PATH = "'/clickhouse/ecomind/{uuid}/{shard}', '{replica}'"

interface Parts {
  /** ` IF NOT EXISTS`, ` IF EXISTS` or nothing. */
  readonly condition: string
  readonly name: string
  readonly rest: string
  /** ` ON CLUSTER 'name'`. */
  readonly on: string
  readonly cluster: string
}

const RULES: readonly (readonly [RegExp, (parts: Parts) => readonly string[]])[] = [
  [/^CREATE MATERIALIZED VIEW(?<condition> IF NOT EXISTS)? ecomind\.(?<name>\w+)(?<rest>[\s\S]*)$/, createView],
  [/^CREATE TABLE(?<condition> IF NOT EXISTS)? ecomind\.(?<name>\w+)(?<rest>[\s\S]*)$/, createTable],
  [/^DROP VIEW(?<condition> IF EXISTS)? ecomind\.(?<name>\w+)(?<rest>[\s\S]*)$/, dropView],
  [/^DROP TABLE(?<condition> IF EXISTS)? ecomind\.(?<name>\w+)(?<rest>[\s\S]*)$/, dropTable],
  [/^ALTER TABLE(?<condition>) ecomind\.(?<name>\w+)(?<rest>[\s\S]*)$/, alterTable],
  [/^OPTIMIZE TABLE(?<condition>) ecomind\.(?<name>\w+)(?<rest>[\s\S]*)$/, optimizeTable],
]

/**
 * What to run in place of `text`, in this order; one statement without comments goes in.
 * @throws RangeError for a statement that changes tables in a way not known here
 */
export function clusterStatements(text: string, cluster: string): readonly string[] {
  const on = ` ON CLUSTER ${quoteString(cluster)}`
  const statement = text.trim()
  if (statement === 'CREATE DATABASE IF NOT EXISTS ecomind') {
    return DATABASES.map((database) => `CREATE DATABASE IF NOT EXISTS ${database}${on}`)
  }
  for (const [pattern, rewrite] of RULES) {
    const groups = pattern.exec(statement)?.groups
    if (groups === undefined) continue
    const { condition = '', name = '', rest = '' } = groups
    return rewrite({ condition, name, rest, on, cluster })
  }
  if (statement.startsWith('INSERT INTO ecomind.')) {
    const single = /^INSERT INTO ecomind\.recomputation_coefficients\b/.test(statement)
    return [single ? statement : statement.replace('INSERT INTO ecomind.', `INSERT INTO ${INSERT_DATABASE}.`)]
  }
  if (/^(SELECT|WITH)\b/.test(statement)) return [statement]
  throw new RangeError(`make a statement for a cluster: ${statement.slice(0, 80)} is not known`)
}

function createView({ condition, name, rest, on }: Parts): readonly string[] {
  return [`CREATE MATERIALIZED VIEW${condition} ${LOCAL}.${name}${on}${toLocal(rest)}`]
}

function createTable({ condition, name, rest, on, cluster }: Parts): readonly string[] {
  // It lives for one recomputation on the server that is asked; joins send it to the shards.
  if (/\bENGINE = Memory\b/.test(rest)) return [`CREATE TABLE${condition} ecomind.${name}${rest}`]
  const local = `CREATE TABLE${condition} ${LOCAL}.${name}${on}${windows(replicated(toLocal(rest)))}`
  return [local, ...distributed(`CREATE TABLE${condition}`, name, on, cluster)]
}

function dropView({ condition, name, rest, on }: Parts): readonly string[] {
  return [`DROP VIEW${condition} ${LOCAL}.${name}${on}${rest}`]
}

/** A view of the plain statements is dropped as a table, too; there is no distributed one over it, hence IF EXISTS. */
function dropTable({ condition, name, rest, on }: Parts): readonly string[] {
  const above = ['ecomind', INSERT_DATABASE].map((database) => `DROP TABLE IF EXISTS ${database}.${name}${on}${rest}`)
  return [...above, `DROP TABLE${condition} ${LOCAL}.${name}${on}${rest}`]
}

function alterTable({ name, rest, on, cluster }: Parts): readonly string[] {
  const local = `ALTER TABLE ${LOCAL}.${name}${on}${windows(toLocal(rest))}`
  if (!/\b(?:ADD|MODIFY|DROP|RENAME) COLUMN\b/.test(rest)) return [local]
  // They hold nothing: making them anew is how they learn of columns.
  return [local, ...distributed('CREATE OR REPLACE TABLE', name, on, cluster)]
}

function optimizeTable({ name, rest, on }: Parts): readonly string[] {
  return [`OPTIMIZE TABLE ${LOCAL}.${name}${on}${rest}`]
}

function distributed(create: string, name: string, on: string, cluster: string): readonly string[] {
  const key = `cityHash64(${SHARD_COLUMNS[name] ?? SHARD_COLUMN_DEFAULT})`
  const engine = `Distributed(${quoteString(cluster)}, '${LOCAL}', '${name}', ${key})`
  return [INSERT_DATABASE, 'ecomind'].map(
    (database) => `${create} ${database}.${name}${on} AS ${LOCAL}.${name} ENGINE = ${engine}`,
  )
}

const toLocal = (text: string): string => text.replace(/\becomind\./g, `${LOCAL}.`)

/** `ReplacingMergeTree(updated_at)` -> `ReplicatedReplacingMergeTree(path, replica, updated_at)`. */
function replicated(text: string): string {
  return text.replace(/\bENGINE = (\w*MergeTree)(?:\(([^()]*)\))?/, (_, engine: string, given?: string) => {
    return `ENGINE = Replicated${engine}(${REPLICA_PATH}${given === undefined ? '' : `, ${given}`})`
  })
}

function windows(text: string): string {
  return text.replace(
    /\bnon_replicated_deduplication_window = (\d+)/g,
    `replicated_deduplication_window = $1, replicated_deduplication_window_seconds = ${WINDOW_SECONDS}`,
  )
}
