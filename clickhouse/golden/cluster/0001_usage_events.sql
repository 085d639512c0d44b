CREATE DATABASE IF NOT EXISTS ecomind ON CLUSTER 'main';

CREATE DATABASE IF NOT EXISTS ecomind_in ON CLUSTER 'main';

CREATE DATABASE IF NOT EXISTS ecomind_local ON CLUSTER 'main';

CREATE TABLE IF NOT EXISTS ecomind_local.usage_events ON CLUSTER 'main'
(
  org_id LowCardinality(String),
  event_id String CODEC(ZSTD(1)),
  user_id String CODEC(ZSTD(1)),
  team_id LowCardinality(String),
  project_id LowCardinality(String),
  source LowCardinality(String),
  provider LowCardinality(String),
  model LowCardinality(String),
  region LowCardinality(String),
  region_inferred Bool,
  ts DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  arrived_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  tokens_in UInt32 CODEC(T64, ZSTD(1)),
  tokens_out UInt32 CODEC(T64, ZSTD(1)),
  tokens_cache_read UInt32 CODEC(T64, ZSTD(1)),
  tokens_cache_write UInt32 CODEC(T64, ZSTD(1)),
  tokens_reasoning UInt32 CODEC(T64, ZSTD(1)),
  reasoning_separate Bool,
  latency_ms Nullable(UInt32) CODEC(T64, ZSTD(1)),
  tokens_source LowCardinality(String),
  service_tier LowCardinality(String),
  tags Map(String, String) CODEC(ZSTD(1)),
  factor_set LowCardinality(String),
  factor_id LowCardinality(String),
  factor_match LowCardinality(String),
  grid_id LowCardinality(String),
  grid_match LowCardinality(String),
  quality LowCardinality(String),
  kwh Decimal(18, 12) CODEC(T64, ZSTD(1)),
  kwh_low Decimal(18, 12) CODEC(T64, ZSTD(1)),
  kwh_high Decimal(18, 12) CODEC(T64, ZSTD(1)),
  water_l Decimal(18, 12) CODEC(T64, ZSTD(1)),
  water_l_low Decimal(18, 12) CODEC(T64, ZSTD(1)),
  water_l_high Decimal(18, 12) CODEC(T64, ZSTD(1)),
  water_l_onsite Decimal(18, 12) CODEC(T64, ZSTD(1)),
  co2_kg Decimal(18, 12) CODEC(T64, ZSTD(1)),
  co2_kg_low Decimal(18, 12) CODEC(T64, ZSTD(1)),
  co2_kg_high Decimal(18, 12) CODEC(T64, ZSTD(1)),
  co2_kg_use Decimal(18, 12) CODEC(T64, ZSTD(1)),
  watermark_at DateTime('UTC') CODEC(Delta, ZSTD(1)),
  log_generation UInt32 CODEC(T64, ZSTD(1)),
  log_partition UInt16 CODEC(ZSTD(1)),
  log_offset UInt64 CODEC(Delta, ZSTD(1)),
  log_index UInt32 CODEC(T64, ZSTD(1)),
  content_hash UInt32 CODEC(NONE),
  water_l_offsite Decimal(18, 12) ALIAS water_l - water_l_onsite,
  co2_kg_embodied Decimal(18, 12) ALIAS co2_kg - co2_kg_use,
  INDEX event_id_bloom event_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX log_offset_minmax log_offset TYPE minmax GRANULARITY 1,
  INDEX arrived_at_minmax arrived_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplicatedMergeTree('/clickhouse/ecomind/{uuid}/{shard}', '{replica}')
PARTITION BY toYYYYMM(ts)
ORDER BY (org_id, ts)
TTL greatest(toDateTime(ts, 'UTC') + INTERVAL 1130 DAY, toDateTime(arrived_at, 'UTC') + INTERVAL 36 DAY)
SETTINGS
  ttl_only_drop_parts = 1,
  replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS ecomind_in.usage_events ON CLUSTER 'main' AS ecomind_local.usage_events ENGINE = Distributed('main', 'ecomind_local', 'usage_events', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind.usage_events ON CLUSTER 'main' AS ecomind_local.usage_events ENGINE = Distributed('main', 'ecomind_local', 'usage_events', cityHash64(org_id));
