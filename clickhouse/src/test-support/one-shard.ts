/**
 * A cluster of one shard inside the engine of this process, as far as that goes. The distributed tables are real and reach
 * their local tables without a network. What stands for the rest: replicated tables are plain ones, because the engine in
 * process can't write to replicated ones, and ON CLUSTER is left out, because it runs no queue of such statements. More
 * than one shard can't be had: the engine reaches a second one over its native port only, which it doesn't open.
 */

/** The engine's configuration: a keeper in memory, and a cluster of this engine alone. */
export function clusterConfig(cluster: string): string {
  return `<clickhouse>
  <zookeeper><implementation>testkeeper</implementation></zookeeper>
  <macros><shard>01</shard><replica>r1</replica></macros>
  <tcp_port>1</tcp_port>
  <remote_servers><${cluster}><shard><internal_replication>true</internal_replication>
    <replica><host>127.0.0.1</host><port>1</port></replica></shard></${cluster}></remote_servers>
</clickhouse>
`
}

/** What the engine runs in place of one statement for the cluster. */
export function onOneShard(text: string): readonly string[] {
  if (text.startsWith('SYSTEM SYNC REPLICA')) return []
  const one = text
    .replace(/ ON CLUSTER '\w+'/, '')
    .replace(/ENGINE = Replicated(\w*MergeTree)\('[^']*', '\{replica\}'(?:, )?([^()]*)\)/, 'ENGINE = $1($2)')
    .replace(
      /replicated_deduplication_window = (\d+), replicated_deduplication_window_seconds = \d+/g,
      'non_replicated_deduplication_window = $1',
    )
  return [one]
}
