/**
 * A cluster of two shards inside one engine, as far as that goes: each shard is a database, local to the engine, and the
 * distributed tables are real. What stands for the rest: replicated tables are plain ones, ON CLUSTER is done by running a
 * statement for each shard.
 */

export const SHARDS = ['shard_1', 'shard_2'] as const

/** The engine's configuration. @param databases of the shards, '' for the one the distributed table names */
export function clusterConfig(cluster: string, databases: readonly string[]): string {
  const shards = databases.map(
    (database) => `<shard><internal_replication>true</internal_replication><replica>
      <host>127.0.0.1</host><port>9000</port><default_database>${database}</default_database></replica></shard>`,
  )
  return `<clickhouse>
  <zookeeper><implementation>testkeeper</implementation></zookeeper>
  <macros><shard>01</shard><replica>r1</replica></macros>
  <tcp_port>9000</tcp_port>
  <remote_servers><${cluster}>${shards.join('')}</${cluster}></remote_servers>
</clickhouse>
`
}

/** What the two databases run in place of one statement for the cluster. */
export function onTwoShards(text: string): readonly string[] {
  if (text.startsWith('SYSTEM SYNC REPLICA')) return []
  const one = plain(text.replace(/ ON CLUSTER '\w+'/, ''))
  if (/ENGINE = Distributed/.test(one)) return [one.replace("'ecomind_local'", "''").replace(/ecomind_local\./, `${SHARDS[0]}.`)]
  if (/system\.parts/.test(one)) return [one.replace(/database = 'ecomind_local'/, `database IN ('${SHARDS.join("', '")}')`).replace(/cluster\('\w+', system\.parts\)/, 'system.parts')]
  if (!one.includes('ecomind_local')) return [one]
  if (/^(SELECT|WITH)/.test(one.trim())) return [one.replaceAll('ecomind_local', SHARDS[0])]
  return SHARDS.map((shard) => one.replaceAll('ecomind_local', shard))
}

function plain(text: string): string {
  return text
    .replace(/ENGINE = Replicated(\w*MergeTree)\('[^']*', '\{replica\}'(?:, )?([^()]*)\)/, 'ENGINE = $1($2)')
    .replace(/replicated_deduplication_window = (\d+), replicated_deduplication_window_seconds = \d+/g, 'non_replicated_deduplication_window = $1')
}
