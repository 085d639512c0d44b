CREATE TABLE IF NOT EXISTS ecomind_local.recomputations ON CLUSTER 'main'
(
  org_id LowCardinality(String),
  id String,
  generation UInt32,
  seq UInt32,
  state LowCardinality(String),
  record String CODEC(ZSTD(3)),
  written_at DateTime64(3, 'UTC')
)
ENGINE = ReplicatedMergeTree('/clickhouse/ecomind/{uuid}/{shard}', '{replica}')
ORDER BY (org_id, generation, seq)
SETTINGS
  replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS ecomind_in.recomputations ON CLUSTER 'main' AS ecomind_local.recomputations ENGINE = Distributed('main', 'ecomind_local', 'recomputations', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind.recomputations ON CLUSTER 'main' AS ecomind_local.recomputations ENGINE = Distributed('main', 'ecomind_local', 'recomputations', cityHash64(org_id));
