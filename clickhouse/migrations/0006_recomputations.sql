-- Runs of recomputations as they went. Rows are only ever added; the newest row of a run is its state.

CREATE TABLE IF NOT EXISTS ecomind.recomputations
(
  org_id LowCardinality(String),
  id String,
  generation UInt32,
  seq UInt32,
  state LowCardinality(String),
  record String CODEC(ZSTD(3)),
  written_at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (org_id, generation, seq)
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1;
