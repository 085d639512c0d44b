CREATE TABLE IF NOT EXISTS ecomind_local.quarantine ON CLUSTER 'main'
(
  org_id LowCardinality(String),
  event_id String,
  reason LowCardinality(String),
  detail String CODEC(ZSTD(3)),
  raw String CODEC(ZSTD(3)),
  schema_id UInt32,
  arrived_at DateTime64(3, 'UTC'),
  log_generation UInt32,
  log_partition UInt16,
  log_offset UInt64,
  log_index UInt32,
  INDEX log_offset_minmax log_offset TYPE minmax GRANULARITY 1
)
ENGINE = ReplicatedMergeTree('/clickhouse/ecomind/{uuid}/{shard}', '{replica}')
PARTITION BY toYYYYMM(arrived_at)
ORDER BY (org_id, arrived_at, log_generation, log_partition, log_offset, log_index)
TTL if(toUnixTimestamp64Milli(arrived_at) = 0, toDateTime('2100-01-01', 'UTC'), toDateTime(arrived_at, 'UTC') + INTERVAL 1130 DAY)
SETTINGS
  ttl_only_drop_parts = 1,
  replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS ecomind_in.quarantine ON CLUSTER 'main' AS ecomind_local.quarantine ENGINE = Distributed('main', 'ecomind_local', 'quarantine', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind.quarantine ON CLUSTER 'main' AS ecomind_local.quarantine ENGINE = Distributed('main', 'ecomind_local', 'quarantine', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind_local.quarantine_replays ON CLUSTER 'main'
(
  org_id LowCardinality(String),
  log_generation UInt32,
  log_partition UInt16,
  log_offset UInt64,
  log_index UInt32,
  event_id String,
  outcome LowCardinality(String),
  replayed_at DateTime64(3, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/ecomind/{uuid}/{shard}', '{replica}', replayed_at)
ORDER BY (org_id, log_generation, log_partition, log_offset, log_index)
SETTINGS
  replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS ecomind_in.quarantine_replays ON CLUSTER 'main' AS ecomind_local.quarantine_replays ENGINE = Distributed('main', 'ecomind_local', 'quarantine_replays', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind.quarantine_replays ON CLUSTER 'main' AS ecomind_local.quarantine_replays ENGINE = Distributed('main', 'ecomind_local', 'quarantine_replays', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind_local.ingest_ledger ON CLUSTER 'main'
(
  org_id LowCardinality(String),
  hour DateTime('UTC') CODEC(Delta, ZSTD(1)),
  log_generation UInt32 CODEC(ZSTD(1)),
  log_partition UInt16 CODEC(ZSTD(1)),
  log_offset UInt64 CODEC(Delta, ZSTD(1)),
  accepted Int64 CODEC(ZSTD(1)),
  stored Int64 CODEC(ZSTD(1)),
  duplicate Int64 CODEC(ZSTD(1)),
  quarantined Int64 CODEC(ZSTD(1))
)
ENGINE = ReplicatedMergeTree('/clickhouse/ecomind/{uuid}/{shard}', '{replica}')
PARTITION BY toYYYYMM(hour)
ORDER BY (org_id, hour, log_generation, log_partition, log_offset)
SETTINGS
  replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS ecomind_in.ingest_ledger ON CLUSTER 'main' AS ecomind_local.ingest_ledger ENGINE = Distributed('main', 'ecomind_local', 'ingest_ledger', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind.ingest_ledger ON CLUSTER 'main' AS ecomind_local.ingest_ledger ENGINE = Distributed('main', 'ecomind_local', 'ingest_ledger', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind_local.watermarks ON CLUSTER 'main'
(
  `group` String,
  `partition` UInt16,
  watermark DateTime64(3, 'UTC'),
  next_offset UInt64,
  updated_at DateTime64(3, 'UTC')
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/ecomind/{uuid}/{shard}', '{replica}', updated_at)
ORDER BY (`group`, `partition`)
SETTINGS
  replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS ecomind_in.watermarks ON CLUSTER 'main' AS ecomind_local.watermarks ENGINE = Distributed('main', 'ecomind_local', 'watermarks', cityHash64(`group`));

CREATE TABLE IF NOT EXISTS ecomind.watermarks ON CLUSTER 'main' AS ecomind_local.watermarks ENGINE = Distributed('main', 'ecomind_local', 'watermarks', cityHash64(`group`));
