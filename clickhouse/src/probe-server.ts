/**
 * Looks, before a server is migrated, whether it is new enough, lets this user set what must be set, and whether a cluster
 * is one. Everything that is wrong is found in one go, each with its mend. What the tables promise is for probe-safety.ts;
 * a right that is missing is named by the server when the migration meets it.
 */
import { type ClickHouse, ClickHouseError } from './clickhouse.ts'
import { CLUSTER_INSERT_SETTINGS, CLUSTER_SETTINGS } from './cluster-clickhouse.ts'
import type { HttpTarget } from './http-target.ts'
import type { ClickHouseTarget } from './open-clickhouse.ts'
import { checkVersion } from './probe-safety.ts'
import { INSERT_SETTINGS, querySettings } from './statement-settings.ts'

/** @returns what is wrong, in words with a way out; empty when all is well. @throws ClickHouseError when it can't be asked */
export async function probeServer(ch: ClickHouse, target: HttpTarget): Promise<readonly string[]> {
  const user = target.username ?? 'default'
  const [row] = await ch.query<{ version: string }>({ text: 'SELECT version() AS version' })
  return [
    ...checkVersion(row?.version ?? 'unknown'),
    ...(await checkSettings(ch, target, user)),
    ...(target.cluster === undefined ? [] : await checkCluster(ch, target.cluster)),
  ]
}

/** Of the engine in process there is nothing to ask. @throws ClickHouseError that lists every problem */
export async function requireServer(ch: ClickHouse, target: ClickHouseTarget): Promise<void> {
  if (target.kind === 'embedded') return
  const problems = await probeServer(ch, target)
  if (problems.length === 0) return
  const list = problems.map((problem) => `- ${problem}`).join('\n')
  throw new ClickHouseError(
    `probe ClickHouse at ${new URL(target.url).host}: it can't be used as it is\n${list}`,
    null,
    false,
  )
}

interface SettingRow {
  readonly name: string
  readonly fixed: 0 | 1
  readonly value: string
}

async function checkSettings(ch: ClickHouse, target: HttpTarget, user: string): Promise<readonly string[]> {
  const ofCluster = target.cluster === undefined ? [] : Object.keys({ ...CLUSTER_INSERT_SETTINGS, ...CLUSTER_SETTINGS })
  const names = [...Object.keys({ ...INSERT_SETTINGS, ...querySettings() }), 'insert_deduplication_token', ...ofCluster]
  const rows = await ch.query<SettingRow>({
    text: 'SELECT name, readonly::UInt8 AS fixed, value FROM system.settings WHERE has({names:Array(String)}, name)',
    params: { names: [...names, 'readonly'] },
  })
  const known = new Map(rows.map((row) => [row.name, row]))
  const missing = names.filter((name) => !known.has(name))
  const fixed = rows.filter((row) => row.name !== 'readonly' && row.fixed === 1).map((row) => row.name)
  const readonly = known.get('readonly')?.value ?? '0'
  return [
    ...(readonly === '0' ? [] : [`user ${user} has readonly = ${readonly}: give it a profile with readonly = 0`]),
    ...(missing.length === 0 ? [] : [`the server knows no ${missing.join(', ')}: a newer version is needed`]),
    ...(fixed.length === 0
      ? []
      : [`user ${user} may not set ${fixed.join(', ')}: take these constraints out of its profile`]),
  ]
}

interface ClusterRow {
  readonly shard_num: number
  readonly internal_replication: number
}

async function checkCluster(ch: ClickHouse, cluster: string): Promise<readonly string[]> {
  const rows = await ch.query<ClusterRow>({
    text: 'SELECT shard_num, internal_replication FROM system.clusters WHERE cluster = {cluster:String}',
    params: { cluster },
  })
  if (rows.length === 0) {
    return [
      `CLICKHOUSE_CLUSTER: the server knows no cluster ${cluster}; SELECT DISTINCT cluster FROM system.clusters names them`,
    ]
  }
  const macros = await ch.query<{ macro: string }>({ text: 'SELECT macro FROM system.macros' })
  const lacking = ['shard', 'replica'].filter((name) => !macros.some(({ macro }) => macro === name))
  const external = rows.filter((row) => row.internal_replication !== 1).map((row) => row.shard_num)
  return [
    ...(external.length === 0
      ? []
      : [
          `cluster ${cluster}, shard ${[...new Set(external)].join(', ')}: set internal_replication to true, or each row is written to every replica by itself and counted anew`,
        ]),
    ...lacking.map(
      (name) =>
        `the server has no macro ${name}: set it under <macros> on every server, it is part of each table's path`,
    ),
  ]
}
