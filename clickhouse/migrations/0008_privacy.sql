-- What was removed from the raw events on purpose, so that nobody takes it for lost: the comparison with the rollups, their
-- rebuild, recomputations and the dedupe index ask here. None of it names a person.

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

-- Erasures of persons, by a salted hash of their id. `target` is the id that their rows got; empty: nobody's any more, and
-- the raw events of it are gone. The newest row of an erasure counts; while `closed` is 0 its rows are being rewritten.
CREATE TABLE IF NOT EXISTS ecomind.erasures
(
  org_id LowCardinality(String),
  id String,
  salt String,
  user_hash String,
  target String,
  closed UInt8,
  written_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(closed)
ORDER BY (org_id, id)
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1;

-- Ids of events that were erased while a copy of them could still arrive: a dedupe index that is made anew knows them again.
CREATE TABLE IF NOT EXISTS ecomind.erased_events
(
  org_id LowCardinality(String),
  event_id String,
  arrived_at DateTime64(3, 'UTC'),
  log_generation UInt32,
  log_partition UInt16,
  log_offset UInt64,
  log_index UInt32
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(arrived_at)
ORDER BY (org_id, log_generation, log_partition, log_offset, log_index)
TTL toDateTime(arrived_at, 'UTC') + INTERVAL 49 DAY
SETTINGS
  non_replicated_deduplication_window = 10000,
  fsync_after_insert = 1,
  fsync_part_directory = 1;
