CREATE TABLE IF NOT EXISTS ecomind_local.usage_1m ON CLUSTER 'main'
(
  window_start DateTime('UTC') CODEC(Delta, ZSTD(1)),
  org_id LowCardinality(String),
  user_id String,
  team_id LowCardinality(String),
  project_id LowCardinality(String),
  source LowCardinality(String),
  provider LowCardinality(String),
  model LowCardinality(String),
  region LowCardinality(String),
  factor_set LowCardinality(String),
  factor_id LowCardinality(String),
  grid_id LowCardinality(String),
  calls SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  calls_measured SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  calls_unknown SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  calls_region_inferred SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_in SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_in_squared SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_out SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_cache_read SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_cache_write SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_reasoning SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_reasoning_separate SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  kwh SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  kwh_low SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  kwh_high SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  water_l SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  water_l_low SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  water_l_high SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  water_l_onsite SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  co2_kg SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  co2_kg_low SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  co2_kg_high SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  co2_kg_use SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  watermark_at SimpleAggregateFunction(max, DateTime('UTC')) CODEC(ZSTD(1)),
  water_l_offsite Decimal(38, 12) ALIAS water_l - water_l_onsite,
  co2_kg_embodied Decimal(38, 12) ALIAS co2_kg - co2_kg_use
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/ecomind/{uuid}/{shard}', '{replica}')
PARTITION BY toYYYYMM(window_start)
PRIMARY KEY (org_id, window_start)
ORDER BY (org_id, window_start, provider, model, region, source, team_id, project_id, user_id, factor_set, factor_id, grid_id)
TTL window_start + INTERVAL 1130 DAY
SETTINGS
  ttl_only_drop_parts = 1,
  replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS ecomind_in.usage_1m ON CLUSTER 'main' AS ecomind_local.usage_1m ENGINE = Distributed('main', 'ecomind_local', 'usage_1m', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind.usage_1m ON CLUSTER 'main' AS ecomind_local.usage_1m ENGINE = Distributed('main', 'ecomind_local', 'usage_1m', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind_local.usage_15m ON CLUSTER 'main'
(
  window_start DateTime('UTC') CODEC(Delta, ZSTD(1)),
  org_id LowCardinality(String),
  user_id String,
  team_id LowCardinality(String),
  project_id LowCardinality(String),
  source LowCardinality(String),
  provider LowCardinality(String),
  model LowCardinality(String),
  region LowCardinality(String),
  factor_set LowCardinality(String),
  factor_id LowCardinality(String),
  grid_id LowCardinality(String),
  calls SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  calls_measured SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  calls_unknown SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  calls_region_inferred SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_in SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_in_squared SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_out SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_cache_read SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_cache_write SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_reasoning SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_reasoning_separate SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  kwh SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  kwh_low SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  kwh_high SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  water_l SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  water_l_low SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  water_l_high SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  water_l_onsite SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  co2_kg SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  co2_kg_low SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  co2_kg_high SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  co2_kg_use SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  watermark_at SimpleAggregateFunction(max, DateTime('UTC')) CODEC(ZSTD(1)),
  water_l_offsite Decimal(38, 12) ALIAS water_l - water_l_onsite,
  co2_kg_embodied Decimal(38, 12) ALIAS co2_kg - co2_kg_use
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/ecomind/{uuid}/{shard}', '{replica}')
PARTITION BY toYYYYMM(window_start)
PRIMARY KEY (org_id, window_start)
ORDER BY (org_id, window_start, provider, model, region, source, team_id, project_id, user_id, factor_set, factor_id, grid_id)
SETTINGS
  replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS ecomind_in.usage_15m ON CLUSTER 'main' AS ecomind_local.usage_15m ENGINE = Distributed('main', 'ecomind_local', 'usage_15m', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind.usage_15m ON CLUSTER 'main' AS ecomind_local.usage_15m ENGINE = Distributed('main', 'ecomind_local', 'usage_15m', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind_local.usage_1h ON CLUSTER 'main'
(
  window_start DateTime('UTC') CODEC(Delta, ZSTD(1)),
  org_id LowCardinality(String),
  user_id String,
  team_id LowCardinality(String),
  project_id LowCardinality(String),
  source LowCardinality(String),
  provider LowCardinality(String),
  model LowCardinality(String),
  region LowCardinality(String),
  factor_set LowCardinality(String),
  factor_id LowCardinality(String),
  grid_id LowCardinality(String),
  calls SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  calls_measured SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  calls_unknown SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  calls_region_inferred SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_in SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_in_squared SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_out SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_cache_read SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_cache_write SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_reasoning SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_reasoning_separate SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  kwh SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  kwh_low SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  kwh_high SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  water_l SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  water_l_low SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  water_l_high SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  water_l_onsite SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  co2_kg SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  co2_kg_low SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  co2_kg_high SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  co2_kg_use SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  watermark_at SimpleAggregateFunction(max, DateTime('UTC')) CODEC(ZSTD(1)),
  water_l_offsite Decimal(38, 12) ALIAS water_l - water_l_onsite,
  co2_kg_embodied Decimal(38, 12) ALIAS co2_kg - co2_kg_use
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/ecomind/{uuid}/{shard}', '{replica}')
PARTITION BY toYYYYMM(window_start)
PRIMARY KEY (org_id, window_start)
ORDER BY (org_id, window_start, provider, model, region, source, team_id, project_id, user_id, factor_set, factor_id, grid_id)
SETTINGS
  replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS ecomind_in.usage_1h ON CLUSTER 'main' AS ecomind_local.usage_1h ENGINE = Distributed('main', 'ecomind_local', 'usage_1h', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind.usage_1h ON CLUSTER 'main' AS ecomind_local.usage_1h ENGINE = Distributed('main', 'ecomind_local', 'usage_1h', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind_local.usage_1d ON CLUSTER 'main'
(
  window_start DateTime('UTC') CODEC(Delta, ZSTD(1)),
  org_id LowCardinality(String),
  user_id String,
  team_id LowCardinality(String),
  project_id LowCardinality(String),
  source LowCardinality(String),
  provider LowCardinality(String),
  model LowCardinality(String),
  region LowCardinality(String),
  factor_set LowCardinality(String),
  factor_id LowCardinality(String),
  grid_id LowCardinality(String),
  calls SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  calls_measured SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  calls_unknown SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  calls_region_inferred SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_in SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_in_squared SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_out SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_cache_read SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_cache_write SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_reasoning SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  tokens_reasoning_separate SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  kwh SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  kwh_low SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  kwh_high SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  water_l SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  water_l_low SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  water_l_high SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  water_l_onsite SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  co2_kg SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  co2_kg_low SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  co2_kg_high SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  co2_kg_use SimpleAggregateFunction(sum, Decimal(38, 12)) CODEC(ZSTD(1)),
  watermark_at SimpleAggregateFunction(max, DateTime('UTC')) CODEC(ZSTD(1)),
  water_l_offsite Decimal(38, 12) ALIAS water_l - water_l_onsite,
  co2_kg_embodied Decimal(38, 12) ALIAS co2_kg - co2_kg_use
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/ecomind/{uuid}/{shard}', '{replica}')
PARTITION BY toYYYYMM(window_start)
PRIMARY KEY (org_id, window_start)
ORDER BY (org_id, window_start, provider, model, region, source, team_id, project_id, user_id, factor_set, factor_id, grid_id)
SETTINGS
  replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS ecomind_in.usage_1d ON CLUSTER 'main' AS ecomind_local.usage_1d ENGINE = Distributed('main', 'ecomind_local', 'usage_1d', cityHash64(org_id));

CREATE TABLE IF NOT EXISTS ecomind.usage_1d ON CLUSTER 'main' AS ecomind_local.usage_1d ENGINE = Distributed('main', 'ecomind_local', 'usage_1d', cityHash64(org_id));

CREATE MATERIALIZED VIEW IF NOT EXISTS ecomind_local.usage_1m_view ON CLUSTER 'main' TO ecomind_local.usage_1m AS
SELECT
  toStartOfMinute(usage_events.ts, 'UTC') AS window_start,
  org_id,
  user_id,
  team_id,
  project_id,
  source,
  provider,
  model,
  region,
  factor_set,
  factor_id,
  grid_id,
  count() AS calls,
  countIf(quality = 'measured') AS calls_measured,
  countIf(quality = 'unknown') AS calls_unknown,
  countIf(region_inferred) AS calls_region_inferred,
  sum(usage_events.tokens_in) AS tokens_in,
  sum(toUInt64(least(usage_events.tokens_in, 200000)) * least(usage_events.tokens_in, 200000)) AS tokens_in_squared,
  sum(usage_events.tokens_out) AS tokens_out,
  sum(usage_events.tokens_cache_read) AS tokens_cache_read,
  sum(usage_events.tokens_cache_write) AS tokens_cache_write,
  sum(usage_events.tokens_reasoning) AS tokens_reasoning,
  sumIf(usage_events.tokens_reasoning, reasoning_separate) AS tokens_reasoning_separate,
  sum(usage_events.kwh) AS kwh,
  sum(usage_events.kwh_low) AS kwh_low,
  sum(usage_events.kwh_high) AS kwh_high,
  sum(usage_events.water_l) AS water_l,
  sum(usage_events.water_l_low) AS water_l_low,
  sum(usage_events.water_l_high) AS water_l_high,
  sum(usage_events.water_l_onsite) AS water_l_onsite,
  sum(usage_events.co2_kg) AS co2_kg,
  sum(usage_events.co2_kg_low) AS co2_kg_low,
  sum(usage_events.co2_kg_high) AS co2_kg_high,
  sum(usage_events.co2_kg_use) AS co2_kg_use,
  max(usage_events.watermark_at) AS watermark_at
FROM ecomind_local.usage_events
GROUP BY window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id;

CREATE MATERIALIZED VIEW IF NOT EXISTS ecomind_local.usage_15m_view ON CLUSTER 'main' TO ecomind_local.usage_15m AS
SELECT
  toStartOfFifteenMinutes(usage_1m.window_start, 'UTC') AS window_start,
  org_id,
  user_id,
  team_id,
  project_id,
  source,
  provider,
  model,
  region,
  factor_set,
  factor_id,
  grid_id,
  sum(usage_1m.calls) AS calls,
  sum(usage_1m.calls_measured) AS calls_measured,
  sum(usage_1m.calls_unknown) AS calls_unknown,
  sum(usage_1m.calls_region_inferred) AS calls_region_inferred,
  sum(usage_1m.tokens_in) AS tokens_in,
  sum(usage_1m.tokens_in_squared) AS tokens_in_squared,
  sum(usage_1m.tokens_out) AS tokens_out,
  sum(usage_1m.tokens_cache_read) AS tokens_cache_read,
  sum(usage_1m.tokens_cache_write) AS tokens_cache_write,
  sum(usage_1m.tokens_reasoning) AS tokens_reasoning,
  sum(usage_1m.tokens_reasoning_separate) AS tokens_reasoning_separate,
  sum(usage_1m.kwh) AS kwh,
  sum(usage_1m.kwh_low) AS kwh_low,
  sum(usage_1m.kwh_high) AS kwh_high,
  sum(usage_1m.water_l) AS water_l,
  sum(usage_1m.water_l_low) AS water_l_low,
  sum(usage_1m.water_l_high) AS water_l_high,
  sum(usage_1m.water_l_onsite) AS water_l_onsite,
  sum(usage_1m.co2_kg) AS co2_kg,
  sum(usage_1m.co2_kg_low) AS co2_kg_low,
  sum(usage_1m.co2_kg_high) AS co2_kg_high,
  sum(usage_1m.co2_kg_use) AS co2_kg_use,
  max(usage_1m.watermark_at) AS watermark_at
FROM ecomind_local.usage_1m
GROUP BY window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id;

CREATE MATERIALIZED VIEW IF NOT EXISTS ecomind_local.usage_1h_view ON CLUSTER 'main' TO ecomind_local.usage_1h AS
SELECT
  toStartOfHour(usage_15m.window_start, 'UTC') AS window_start,
  org_id,
  user_id,
  team_id,
  project_id,
  source,
  provider,
  model,
  region,
  factor_set,
  factor_id,
  grid_id,
  sum(usage_15m.calls) AS calls,
  sum(usage_15m.calls_measured) AS calls_measured,
  sum(usage_15m.calls_unknown) AS calls_unknown,
  sum(usage_15m.calls_region_inferred) AS calls_region_inferred,
  sum(usage_15m.tokens_in) AS tokens_in,
  sum(usage_15m.tokens_in_squared) AS tokens_in_squared,
  sum(usage_15m.tokens_out) AS tokens_out,
  sum(usage_15m.tokens_cache_read) AS tokens_cache_read,
  sum(usage_15m.tokens_cache_write) AS tokens_cache_write,
  sum(usage_15m.tokens_reasoning) AS tokens_reasoning,
  sum(usage_15m.tokens_reasoning_separate) AS tokens_reasoning_separate,
  sum(usage_15m.kwh) AS kwh,
  sum(usage_15m.kwh_low) AS kwh_low,
  sum(usage_15m.kwh_high) AS kwh_high,
  sum(usage_15m.water_l) AS water_l,
  sum(usage_15m.water_l_low) AS water_l_low,
  sum(usage_15m.water_l_high) AS water_l_high,
  sum(usage_15m.water_l_onsite) AS water_l_onsite,
  sum(usage_15m.co2_kg) AS co2_kg,
  sum(usage_15m.co2_kg_low) AS co2_kg_low,
  sum(usage_15m.co2_kg_high) AS co2_kg_high,
  sum(usage_15m.co2_kg_use) AS co2_kg_use,
  max(usage_15m.watermark_at) AS watermark_at
FROM ecomind_local.usage_15m
GROUP BY window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id;

CREATE MATERIALIZED VIEW IF NOT EXISTS ecomind_local.usage_1d_view ON CLUSTER 'main' TO ecomind_local.usage_1d AS
SELECT
  toStartOfDay(usage_1h.window_start, 'UTC') AS window_start,
  org_id,
  user_id,
  team_id,
  project_id,
  source,
  provider,
  model,
  region,
  factor_set,
  factor_id,
  grid_id,
  sum(usage_1h.calls) AS calls,
  sum(usage_1h.calls_measured) AS calls_measured,
  sum(usage_1h.calls_unknown) AS calls_unknown,
  sum(usage_1h.calls_region_inferred) AS calls_region_inferred,
  sum(usage_1h.tokens_in) AS tokens_in,
  sum(usage_1h.tokens_in_squared) AS tokens_in_squared,
  sum(usage_1h.tokens_out) AS tokens_out,
  sum(usage_1h.tokens_cache_read) AS tokens_cache_read,
  sum(usage_1h.tokens_cache_write) AS tokens_cache_write,
  sum(usage_1h.tokens_reasoning) AS tokens_reasoning,
  sum(usage_1h.tokens_reasoning_separate) AS tokens_reasoning_separate,
  sum(usage_1h.kwh) AS kwh,
  sum(usage_1h.kwh_low) AS kwh_low,
  sum(usage_1h.kwh_high) AS kwh_high,
  sum(usage_1h.water_l) AS water_l,
  sum(usage_1h.water_l_low) AS water_l_low,
  sum(usage_1h.water_l_high) AS water_l_high,
  sum(usage_1h.water_l_onsite) AS water_l_onsite,
  sum(usage_1h.co2_kg) AS co2_kg,
  sum(usage_1h.co2_kg_low) AS co2_kg_low,
  sum(usage_1h.co2_kg_high) AS co2_kg_high,
  sum(usage_1h.co2_kg_use) AS co2_kg_use,
  max(usage_1h.watermark_at) AS watermark_at
FROM ecomind_local.usage_1h
GROUP BY window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id;
