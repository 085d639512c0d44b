ALTER TABLE ecomind_local.usage_1h ON CLUSTER 'main' MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';

ALTER TABLE ecomind_local.usage_1d ON CLUSTER 'main' MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';

ALTER TABLE ecomind_local.usage_1h ON CLUSTER 'main' ADD PROJECTION IF NOT EXISTS without_people
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

ALTER TABLE ecomind_local.usage_1d ON CLUSTER 'main' ADD PROJECTION IF NOT EXISTS without_users
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

ALTER TABLE ecomind_local.usage_1d ON CLUSTER 'main' ADD PROJECTION IF NOT EXISTS by_user (SELECT * ORDER BY org_id, user_id, window_start);

ALTER TABLE ecomind_local.usage_1h ON CLUSTER 'main' MATERIALIZE PROJECTION without_people;

ALTER TABLE ecomind_local.usage_1d ON CLUSTER 'main' MATERIALIZE PROJECTION without_users;

ALTER TABLE ecomind_local.usage_1d ON CLUSTER 'main' MATERIALIZE PROJECTION by_user;
