-- What was applied: every record of every factor set that ever computed a stored number.

CREATE TABLE IF NOT EXISTS ecomind.factors
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
ENGINE = ReplacingMergeTree(published_at)
ORDER BY (factor_set, id)
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

CREATE TABLE IF NOT EXISTS ecomind.grids
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
ENGINE = ReplacingMergeTree(published_at)
ORDER BY (factor_set, id)
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1;
