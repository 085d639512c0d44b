-- What dashboards ask of the last weeks, kept beside the rows: of 2,000 users over 30 days 5,400 rows in place of 162,000
-- (docs/decisions/2026-11-26-dashboard-questions.md). The engine keeps projections with the parts that they belong to
-- through merges, mutations and replaced partitions, and chooses them by itself, for statements that allow it
-- (QueryLimits.projections) and name their keys and these sums. What a power cut breaks of them is left out of answers and
-- made again at the next start (src/mend-projections.ts).
-- Every statement can be run again; rows that are there already get theirs in the background.

ALTER TABLE ecomind.usage_1h MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';

ALTER TABLE ecomind.usage_1d MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';

-- Days of a zone other than UTC are made of hours.
ALTER TABLE ecomind.usage_1h ADD PROJECTION IF NOT EXISTS without_people
(
  SELECT
    org_id, window_start, generation, source, provider, model, region, factor_id,
    sum(calls), sum(tokens_in), sum(tokens_out),
    sum(tokens_cache_read), sum(tokens_cache_write), sum(tokens_reasoning),
    sum(calls_measured), sum(calls_unknown),
    sum(water_l_onsite), sum(co2_kg_use),
    sum(kwh), sum(kwh_low), sum(kwh_high),
    sum(water_l), sum(water_l_low), sum(water_l_high),
    sum(co2_kg), sum(co2_kg_low), sum(co2_kg_high),
    max(factor_set), max(watermark_at)
  GROUP BY org_id, window_start, generation, source, provider, model, region, factor_id
);

ALTER TABLE ecomind.usage_1d ADD PROJECTION IF NOT EXISTS without_users
(
  SELECT
    org_id, window_start, generation, source, provider, model, region, team_id, project_id, factor_id,
    sum(calls), sum(tokens_in), sum(tokens_out),
    sum(tokens_cache_read), sum(tokens_cache_write), sum(tokens_reasoning),
    sum(calls_measured), sum(calls_unknown),
    sum(water_l_onsite), sum(co2_kg_use),
    sum(kwh), sum(kwh_low), sum(kwh_high),
    sum(water_l), sum(water_l_low), sum(water_l_high),
    sum(co2_kg), sum(co2_kg_low), sum(co2_kg_high),
    max(factor_set), max(watermark_at)
  GROUP BY org_id, window_start, generation, source, provider, model, region, team_id, project_id, factor_id
);

-- For questions about chosen people: the table's own order begins with the time.
ALTER TABLE ecomind.usage_1d ADD PROJECTION IF NOT EXISTS by_user (SELECT * ORDER BY org_id, user_id, window_start);

ALTER TABLE ecomind.usage_1h MATERIALIZE PROJECTION without_people;

ALTER TABLE ecomind.usage_1d MATERIALIZE PROJECTION without_users;

ALTER TABLE ecomind.usage_1d MATERIALIZE PROJECTION by_user;
