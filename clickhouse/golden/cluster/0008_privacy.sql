CREATE TABLE IF NOT EXISTS ecomind_local.raw_kept_from ON CLUSTER 'main'
(
  org_id LowCardinality(String),
  day SimpleAggregateFunction(max, Date)
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/ecomind/{uuid}/{shard}', '{replica}')
ORDER BY org_id
SETTINGS
  replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS ecomind_in.raw_kept_from ON CLUSTER 'main' AS ecomind_local.raw_kept_from ENGINE = Distributed('main', 'ecomind_local', 'raw_kept_from', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind.raw_kept_from ON CLUSTER 'main' AS ecomind_local.raw_kept_from ENGINE = Distributed('main', 'ecomind_local', 'raw_kept_from', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind_local.erasures ON CLUSTER 'main'
(
  org_id LowCardinality(String),
  
  mark String,
  user_id String,
  target String,
  closed UInt8
)
ENGINE = ReplicatedMergeTree('/clickhouse/ecomind/{uuid}/{shard}', '{replica}')
ORDER BY (org_id, mark)
SETTINGS
  replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS ecomind_in.erasures ON CLUSTER 'main' AS ecomind_local.erasures ENGINE = Distributed('main', 'ecomind_local', 'erasures', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind.erasures ON CLUSTER 'main' AS ecomind_local.erasures ENGINE = Distributed('main', 'ecomind_local', 'erasures', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind_local.raw_removals ON CLUSTER 'main'
(
  org_id LowCardinality(String),
  run String,
  hour DateTime('UTC'),
  
  kept_from Date,
  arrived_before DateTime('UTC'),
  removed SimpleAggregateFunction(max, UInt64),
  done SimpleAggregateFunction(max, UInt8)
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/ecomind/{uuid}/{shard}', '{replica}')
ORDER BY (org_id, run, hour, kept_from, arrived_before)
TTL hour + INTERVAL 1170 DAY
SETTINGS
  replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS ecomind_in.raw_removals ON CLUSTER 'main' AS ecomind_local.raw_removals ENGINE = Distributed('main', 'ecomind_local', 'raw_removals', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind.raw_removals ON CLUSTER 'main' AS ecomind_local.raw_removals ENGINE = Distributed('main', 'ecomind_local', 'raw_removals', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind_local.erased_events ON CLUSTER 'main'
(
  org_id LowCardinality(String),
  event_id String,
  
  arrived_at DateTime64(3, 'UTC'),
  log_generation UInt32,
  log_partition UInt16,
  log_offset UInt64,
  log_index UInt32
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/ecomind/{uuid}/{shard}', '{replica}')
PARTITION BY toYYYYMM(arrived_at)
ORDER BY (org_id, log_generation, log_partition, log_offset, log_index)
TTL toDateTime(arrived_at, 'UTC') + INTERVAL 1170 DAY
SETTINGS
  replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS ecomind_in.erased_events ON CLUSTER 'main' AS ecomind_local.erased_events ENGINE = Distributed('main', 'ecomind_local', 'erased_events', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind.erased_events ON CLUSTER 'main' AS ecomind_local.erased_events ENGINE = Distributed('main', 'ecomind_local', 'erased_events', cityHash64(org_id));
