-- What was removed from the raw events on purpose, so that nobody takes it for lost: the comparison with the rollups, their
-- rebuild, recomputations and the dedupe index ask here.

-- First UTC day of which an organisation's raw events are all kept; those of earlier days are gone, wholly or in part.
CREATE TABLE IF NOT EXISTS ecomind.raw_kept_from
(
  org_id LowCardinality(String),
  day SimpleAggregateFunction(max, Date)
)
ENGINE = AggregatingMergeTree
ORDER BY org_id
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

-- Persons whose rows are being moved, while that is under way; then their row is deleted. `target` is the id that the rows
-- get; empty: nobody's any more, and the raw events are gone. Of such an erasure a closed row without a person stays.
CREATE TABLE IF NOT EXISTS ecomind.erasures
(
  org_id LowCardinality(String),
  -- Random, and kept nowhere else when the erasure is done.
  mark String,
  user_id String,
  target String,
  closed UInt8
)
ENGINE = MergeTree
ORDER BY (org_id, mark)
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

-- Raw events that were removed because of their age, by hour of arrival: they were stored, and stay counted as that. A row
-- is noted before they go, and noted as done when they are gone.
CREATE TABLE IF NOT EXISTS ecomind.raw_removals
(
  org_id LowCardinality(String),
  run String,
  hour DateTime('UTC'),
  -- What went: of earlier days than this one, and arrived before that time.
  kept_from Date,
  arrived_before DateTime('UTC'),
  removed SimpleAggregateFunction(max, UInt64),
  done SimpleAggregateFunction(max, UInt8)
)
ENGINE = AggregatingMergeTree
ORDER BY (org_id, run, hour, kept_from, arrived_before)
TTL hour + INTERVAL 1170 DAY
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

-- Events that were erased, by their place in the log and their hour of arrival: they were stored, and stay counted as that.
-- Their ids are kept while a copy of them could still arrive (ECOMIND_DEDUPE_DAYS): a dedupe index that is made anew knows
-- them again.
CREATE TABLE IF NOT EXISTS ecomind.erased_events
(
  org_id LowCardinality(String),
  event_id String,
  -- The full hour.
  arrived_at DateTime64(3, 'UTC'),
  log_generation UInt32,
  log_partition UInt16,
  log_offset UInt64,
  log_index UInt32
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(arrived_at)
ORDER BY (org_id, log_generation, log_partition, log_offset, log_index)
TTL toDateTime(arrived_at, 'UTC') + INTERVAL 1170 DAY
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1;
