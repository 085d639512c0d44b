ALTER TABLE ecomind_local.usage_1m ON CLUSTER 'main'
  ADD COLUMN IF NOT EXISTS generation UInt32 CODEC(ZSTD(1)) AFTER grid_id,
  MODIFY ORDER BY (org_id, window_start, provider, model, region, source, team_id, project_id, user_id, factor_set, factor_id, grid_id, generation);

CREATE OR REPLACE TABLE ecomind_in.usage_1m ON CLUSTER 'main' AS ecomind_local.usage_1m ENGINE = Distributed('main', 'ecomind_local', 'usage_1m', cityHash64(org_id));

CREATE OR REPLACE TABLE ecomind.usage_1m ON CLUSTER 'main' AS ecomind_local.usage_1m ENGINE = Distributed('main', 'ecomind_local', 'usage_1m', cityHash64(org_id));

ALTER TABLE ecomind_local.usage_1m ON CLUSTER 'main'
  MODIFY COLUMN calls SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN calls_measured SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN calls_unknown SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN calls_region_inferred SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_in SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_in_squared SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_out SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_cache_read SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_cache_write SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_reasoning SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_reasoning_separate SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS tokens_out_reasoning_hidden SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)) AFTER tokens_reasoning_separate;

CREATE OR REPLACE TABLE ecomind_in.usage_1m ON CLUSTER 'main' AS ecomind_local.usage_1m ENGINE = Distributed('main', 'ecomind_local', 'usage_1m', cityHash64(org_id));

CREATE OR REPLACE TABLE ecomind.usage_1m ON CLUSTER 'main' AS ecomind_local.usage_1m ENGINE = Distributed('main', 'ecomind_local', 'usage_1m', cityHash64(org_id));

ALTER TABLE ecomind_local.usage_15m ON CLUSTER 'main'
  ADD COLUMN IF NOT EXISTS generation UInt32 CODEC(ZSTD(1)) AFTER grid_id,
  MODIFY ORDER BY (org_id, window_start, provider, model, region, source, team_id, project_id, user_id, factor_set, factor_id, grid_id, generation);

CREATE OR REPLACE TABLE ecomind_in.usage_15m ON CLUSTER 'main' AS ecomind_local.usage_15m ENGINE = Distributed('main', 'ecomind_local', 'usage_15m', cityHash64(org_id));

CREATE OR REPLACE TABLE ecomind.usage_15m ON CLUSTER 'main' AS ecomind_local.usage_15m ENGINE = Distributed('main', 'ecomind_local', 'usage_15m', cityHash64(org_id));

ALTER TABLE ecomind_local.usage_15m ON CLUSTER 'main'
  MODIFY COLUMN calls SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN calls_measured SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN calls_unknown SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN calls_region_inferred SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_in SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_in_squared SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_out SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_cache_read SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_cache_write SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_reasoning SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_reasoning_separate SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS tokens_out_reasoning_hidden SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)) AFTER tokens_reasoning_separate;

CREATE OR REPLACE TABLE ecomind_in.usage_15m ON CLUSTER 'main' AS ecomind_local.usage_15m ENGINE = Distributed('main', 'ecomind_local', 'usage_15m', cityHash64(org_id));

CREATE OR REPLACE TABLE ecomind.usage_15m ON CLUSTER 'main' AS ecomind_local.usage_15m ENGINE = Distributed('main', 'ecomind_local', 'usage_15m', cityHash64(org_id));

ALTER TABLE ecomind_local.usage_1h ON CLUSTER 'main'
  ADD COLUMN IF NOT EXISTS generation UInt32 CODEC(ZSTD(1)) AFTER grid_id,
  MODIFY ORDER BY (org_id, window_start, provider, model, region, source, team_id, project_id, user_id, factor_set, factor_id, grid_id, generation);

CREATE OR REPLACE TABLE ecomind_in.usage_1h ON CLUSTER 'main' AS ecomind_local.usage_1h ENGINE = Distributed('main', 'ecomind_local', 'usage_1h', cityHash64(org_id));

CREATE OR REPLACE TABLE ecomind.usage_1h ON CLUSTER 'main' AS ecomind_local.usage_1h ENGINE = Distributed('main', 'ecomind_local', 'usage_1h', cityHash64(org_id));

ALTER TABLE ecomind_local.usage_1h ON CLUSTER 'main'
  MODIFY COLUMN calls SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN calls_measured SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN calls_unknown SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN calls_region_inferred SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_in SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_in_squared SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_out SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_cache_read SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_cache_write SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_reasoning SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_reasoning_separate SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS tokens_out_reasoning_hidden SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)) AFTER tokens_reasoning_separate;

CREATE OR REPLACE TABLE ecomind_in.usage_1h ON CLUSTER 'main' AS ecomind_local.usage_1h ENGINE = Distributed('main', 'ecomind_local', 'usage_1h', cityHash64(org_id));

CREATE OR REPLACE TABLE ecomind.usage_1h ON CLUSTER 'main' AS ecomind_local.usage_1h ENGINE = Distributed('main', 'ecomind_local', 'usage_1h', cityHash64(org_id));

ALTER TABLE ecomind_local.usage_1d ON CLUSTER 'main'
  ADD COLUMN IF NOT EXISTS generation UInt32 CODEC(ZSTD(1)) AFTER grid_id,
  MODIFY ORDER BY (org_id, window_start, provider, model, region, source, team_id, project_id, user_id, factor_set, factor_id, grid_id, generation);

CREATE OR REPLACE TABLE ecomind_in.usage_1d ON CLUSTER 'main' AS ecomind_local.usage_1d ENGINE = Distributed('main', 'ecomind_local', 'usage_1d', cityHash64(org_id));

CREATE OR REPLACE TABLE ecomind.usage_1d ON CLUSTER 'main' AS ecomind_local.usage_1d ENGINE = Distributed('main', 'ecomind_local', 'usage_1d', cityHash64(org_id));

ALTER TABLE ecomind_local.usage_1d ON CLUSTER 'main'
  MODIFY COLUMN calls SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN calls_measured SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN calls_unknown SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN calls_region_inferred SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_in SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_in_squared SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_out SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_cache_read SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_cache_write SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_reasoning SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  MODIFY COLUMN tokens_reasoning_separate SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)),
  ADD COLUMN IF NOT EXISTS tokens_out_reasoning_hidden SimpleAggregateFunction(sum, Int64) CODEC(ZSTD(1)) AFTER tokens_reasoning_separate;

CREATE OR REPLACE TABLE ecomind_in.usage_1d ON CLUSTER 'main' AS ecomind_local.usage_1d ENGINE = Distributed('main', 'ecomind_local', 'usage_1d', cityHash64(org_id));

CREATE OR REPLACE TABLE ecomind.usage_1d ON CLUSTER 'main' AS ecomind_local.usage_1d ENGINE = Distributed('main', 'ecomind_local', 'usage_1d', cityHash64(org_id));

INSERT INTO ecomind_in.usage_1d (window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id, tokens_out_reasoning_hidden)
SELECT window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id, sum(raw) - sum(rolled) AS missing
FROM
(
  SELECT toStartOfDay(ts, 'UTC') AS window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id, toInt64(tokens_out) AS raw, toInt64(0) AS rolled
  FROM ecomind.usage_events
  WHERE tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0 AND tokens_out > 0
  UNION ALL
  SELECT window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id, toInt64(0) AS raw, tokens_out_reasoning_hidden AS rolled
  FROM ecomind.usage_1d
  WHERE tokens_out_reasoning_hidden != 0 AND generation = 0
)
GROUP BY window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id
HAVING missing > 0
SETTINGS async_insert = 0, insert_deduplicate = 0, max_partitions_per_insert_block = 0,
  max_bytes_before_external_group_by = 500000000;

INSERT INTO ecomind_in.usage_1h (window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id, tokens_out_reasoning_hidden)
SELECT window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id, sum(raw) - sum(rolled) AS missing
FROM
(
  SELECT toStartOfHour(ts, 'UTC') AS window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id, toInt64(tokens_out) AS raw, toInt64(0) AS rolled
  FROM ecomind.usage_events
  WHERE tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0 AND tokens_out > 0
  UNION ALL
  SELECT window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id, toInt64(0) AS raw, tokens_out_reasoning_hidden AS rolled
  FROM ecomind.usage_1h
  WHERE tokens_out_reasoning_hidden != 0 AND generation = 0
)
GROUP BY window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id
HAVING missing > 0
SETTINGS async_insert = 0, insert_deduplicate = 0, max_partitions_per_insert_block = 0,
  max_bytes_before_external_group_by = 500000000;

INSERT INTO ecomind_in.usage_15m (window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id, tokens_out_reasoning_hidden)
SELECT window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id, sum(raw) - sum(rolled) AS missing
FROM
(
  SELECT toStartOfFifteenMinutes(ts, 'UTC') AS window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id, toInt64(tokens_out) AS raw, toInt64(0) AS rolled
  FROM ecomind.usage_events
  WHERE tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0 AND tokens_out > 0
  UNION ALL
  SELECT window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id, toInt64(0) AS raw, tokens_out_reasoning_hidden AS rolled
  FROM ecomind.usage_15m
  WHERE tokens_out_reasoning_hidden != 0 AND generation = 0
)
GROUP BY window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id
HAVING missing > 0
SETTINGS async_insert = 0, insert_deduplicate = 0, max_partitions_per_insert_block = 0,
  max_bytes_before_external_group_by = 500000000;

INSERT INTO ecomind_in.usage_1m (window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id, tokens_out_reasoning_hidden)
SELECT window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id, sum(raw) - sum(rolled) AS missing
FROM
(
  SELECT toStartOfMinute(ts, 'UTC') AS window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id, toInt64(tokens_out) AS raw, toInt64(0) AS rolled
  FROM ecomind.usage_events
  WHERE tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0 AND tokens_out > 0
  UNION ALL
  SELECT window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id, toInt64(0) AS raw, tokens_out_reasoning_hidden AS rolled
  FROM ecomind.usage_1m
  WHERE tokens_out_reasoning_hidden != 0 AND generation = 0
)
GROUP BY window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id
HAVING missing > 0
SETTINGS async_insert = 0, insert_deduplicate = 0, max_partitions_per_insert_block = 0,
  max_bytes_before_external_group_by = 500000000;

DROP VIEW IF EXISTS ecomind_local.usage_1m_view ON CLUSTER 'main' SYNC;

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
  sumIf(usage_events.tokens_out, usage_events.tokens_source IN ('tokenizer', 'estimate') AND usage_events.tokens_reasoning = 0) AS tokens_out_reasoning_hidden,
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

DROP VIEW IF EXISTS ecomind_local.usage_15m_view ON CLUSTER 'main' SYNC;

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
  sum(usage_1m.tokens_out_reasoning_hidden) AS tokens_out_reasoning_hidden,
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

DROP VIEW IF EXISTS ecomind_local.usage_1h_view ON CLUSTER 'main' SYNC;

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
  sum(usage_15m.tokens_out_reasoning_hidden) AS tokens_out_reasoning_hidden,
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

DROP VIEW IF EXISTS ecomind_local.usage_1d_view ON CLUSTER 'main' SYNC;

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
  sum(usage_1h.tokens_out_reasoning_hidden) AS tokens_out_reasoning_hidden,
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
