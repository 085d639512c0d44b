CREATE TABLE IF NOT EXISTS ecomind_local.factors ON CLUSTER 'main'
(
  factor_set LowCardinality(String),
  id String,
  record String CODEC(ZSTD(3)),
  checksum String,
  source String,
  year UInt16,
  licence LowCardinality(String),
  method_version LowCardinality(String),
  published_at DateTime64(3, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/ecomind/{uuid}/{shard}', '{replica}', published_at)
ORDER BY (factor_set, id)
SETTINGS
  replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS ecomind_in.factors ON CLUSTER 'main' AS ecomind_local.factors ENGINE = Distributed('main', 'ecomind_local', 'factors', cityHash64(factor_set));

CREATE TABLE IF NOT EXISTS ecomind.factors ON CLUSTER 'main' AS ecomind_local.factors ENGINE = Distributed('main', 'ecomind_local', 'factors', cityHash64(factor_set));

CREATE TABLE IF NOT EXISTS ecomind_local.grids ON CLUSTER 'main'
(
  factor_set LowCardinality(String),
  id String,
  record String CODEC(ZSTD(3)),
  checksum String,
  source String,
  year UInt16,
  licence LowCardinality(String),
  method_version LowCardinality(String),
  published_at DateTime64(3, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/ecomind/{uuid}/{shard}', '{replica}', published_at)
ORDER BY (factor_set, id)
SETTINGS
  replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS ecomind_in.grids ON CLUSTER 'main' AS ecomind_local.grids ENGINE = Distributed('main', 'ecomind_local', 'grids', cityHash64(factor_set));

CREATE TABLE IF NOT EXISTS ecomind.grids ON CLUSTER 'main' AS ecomind_local.grids ENGINE = Distributed('main', 'ecomind_local', 'grids', cityHash64(factor_set));
