import { describe, expect, test } from 'vitest'
import { eventQuestion } from './event.ts'
import { eventsQuestion } from './events.ts'
import { quarantineByPosition, quarantineQuestion } from './quarantine.ts'
import { rankingQuestion } from './ranking.ts'
import { reconciliationQuestion } from './reconciliation.ts'
import { usageQuestion } from './usage.ts'

const position = { generation: 1, partition: 0, offset: 7, index: 3 }

describe('exact text and values of questions', () => {
  test('usage: whole days of a zone with a clock change, by model, filtered', () => {
    const q = usageQuestion({
      segments: [{ table: 'usage_1h', fromMs: 3_600_000, toMs: 7_200_000 }],
      bucketing: {
        kind: 'days',
        spans: [
          { startMs: 0, offsetMs: 3_600_000 },
          { startMs: 5_400_000, offsetMs: 7_200_000 },
        ],
      },
      groupBy: ['model'],
      filters: [
        { field: 'model', keep: true, value: "o'hara" },
        { field: 'model', keep: true, value: 'b' },
        { field: 'team_id', keep: false, value: '' },
      ],
      rowsMax: 10,
    })
    expect(q.params).toEqual({
      from_0: 3600,
      to_0: 7200,
      offsets_s: [3600, 7200],
      span_starts_s: [0, 5400],
      keep_model: ["o'hara", 'b'],
      drop_team_id: [''],
    })
    expect(q.limits).toEqual({ projections: true, maxResultRows: 10 })
    expect(q.text).toMatchInlineSnapshot(`
      "SELECT bucket, model, max(b.loaded_at) AS loaded_at, groupArray((factor_id, set_id, s_calls, s_tokens_in, s_tokens_out, s_tokens_cache_read, s_tokens_cache_write, s_tokens_reasoning, s_calls_measured, s_calls_unknown, s_water_l_onsite, s_co2_kg_use, s_kwh, s_kwh_low, s_kwh_high, s_water_l, s_water_l_low, s_water_l_high, s_co2_kg, s_co2_kg_low, s_co2_kg_high)) AS factors
      FROM (SELECT intDiv(toInt64(toUnixTimestamp(window_start)) + {offsets_s:Array(Int64)}[arrayCount(s -> s <= toInt64(toUnixTimestamp(window_start)), {span_starts_s:Array(Int64)})], 86400) AS bucket, model, factor_id,
        max(factor_set) AS set_id, toUnixTimestamp(max(watermark_at)) AS loaded_at,
        sum(calls) AS s_calls, sum(tokens_in) AS s_tokens_in, sum(tokens_out) AS s_tokens_out, sum(tokens_cache_read) AS s_tokens_cache_read, sum(tokens_cache_write) AS s_tokens_cache_write, sum(tokens_reasoning) AS s_tokens_reasoning, sum(calls_measured) AS s_calls_measured, sum(calls_unknown) AS s_calls_unknown, sum(water_l_onsite) AS s_water_l_onsite, sum(co2_kg_use) AS s_co2_kg_use, sum(kwh) AS s_kwh, sum(kwh_low) AS s_kwh_low, sum(kwh_high) AS s_kwh_high, sum(water_l) AS s_water_l, sum(water_l_low) AS s_water_l_low, sum(water_l_high) AS s_water_l_high, sum(co2_kg) AS s_co2_kg, sum(co2_kg_low) AS s_co2_kg_low, sum(co2_kg_high) AS s_co2_kg_high
      FROM ecomind.usage_1h WHERE org_id = {org_id:String} AND generation <= {generation_max:UInt32}
        AND window_start >= toDateTime({from_0:UInt32}, 'UTC') AND window_start < toDateTime({to_0:UInt32}, 'UTC')
        AND model IN {keep_model:Array(String)}
        AND team_id NOT IN {drop_team_id:Array(String)}
      GROUP BY bucket, model, factor_id HAVING s_calls != 0) AS b
      GROUP BY bucket, model ORDER BY bucket, model"
    `)
  })

  test('usage: ragged ends read raw events and rollups', () => {
    const q = usageQuestion({
      segments: [
        { table: 'usage_events', fromMs: 59_999, toMs: 60_000 },
        { table: 'usage_1m', fromMs: 60_000, toMs: 120_000 },
      ],
      bucketing: { kind: 'fixed', sizeMs: 60_000 },
      groupBy: [],
      filters: [],
      rowsMax: 10,
    })
    expect(q.params).toEqual({ from_0: 59_999, to_0: 60_000, from_1: 60, to_1: 120, window_s: 60 })
    expect(q.text).toMatchInlineSnapshot(`
      "SELECT bucket, max(b.loaded_at) AS loaded_at, groupArray((factor_id, set_id, s_calls, s_tokens_in, s_tokens_out, s_tokens_cache_read, s_tokens_cache_write, s_tokens_reasoning, s_calls_measured, s_calls_unknown, s_water_l_onsite, s_co2_kg_use, s_kwh, s_kwh_low, s_kwh_high, s_water_l, s_water_l_low, s_water_l_high, s_co2_kg, s_co2_kg_low, s_co2_kg_high)) AS factors
      FROM (SELECT intDiv(toInt64(toUnixTimestamp(ts)), {window_s:Int64}) AS bucket, factor_id,
        max(factor_set) AS set_id, toUnixTimestamp(max(watermark_at)) AS loaded_at,
        toInt64(count()) AS s_calls, toInt64(sum(tokens_in)) AS s_tokens_in, toInt64(sum(tokens_out)) AS s_tokens_out, toInt64(sum(tokens_cache_read)) AS s_tokens_cache_read, toInt64(sum(tokens_cache_write)) AS s_tokens_cache_write, toInt64(sum(tokens_reasoning)) AS s_tokens_reasoning, toInt64(countIf(quality = 'measured')) AS s_calls_measured, toInt64(countIf(quality = 'unknown')) AS s_calls_unknown, sum(water_l_onsite) AS s_water_l_onsite, sum(co2_kg_use) AS s_co2_kg_use, sum(kwh) AS s_kwh, sum(kwh_low) AS s_kwh_low, sum(kwh_high) AS s_kwh_high, sum(water_l) AS s_water_l, sum(water_l_low) AS s_water_l_low, sum(water_l_high) AS s_water_l_high, sum(co2_kg) AS s_co2_kg, sum(co2_kg_low) AS s_co2_kg_low, sum(co2_kg_high) AS s_co2_kg_high
      FROM ecomind.usage_events WHERE org_id = {org_id:String}
        AND ts >= fromUnixTimestamp64Milli({from_0:Int64}) AND ts < fromUnixTimestamp64Milli({to_0:Int64})
      GROUP BY bucket, factor_id HAVING s_calls != 0
      UNION ALL
      SELECT intDiv(toInt64(toUnixTimestamp(window_start)), {window_s:Int64}) AS bucket, factor_id,
        max(factor_set) AS set_id, toUnixTimestamp(max(watermark_at)) AS loaded_at,
        sum(calls) AS s_calls, sum(tokens_in) AS s_tokens_in, sum(tokens_out) AS s_tokens_out, sum(tokens_cache_read) AS s_tokens_cache_read, sum(tokens_cache_write) AS s_tokens_cache_write, sum(tokens_reasoning) AS s_tokens_reasoning, sum(calls_measured) AS s_calls_measured, sum(calls_unknown) AS s_calls_unknown, sum(water_l_onsite) AS s_water_l_onsite, sum(co2_kg_use) AS s_co2_kg_use, sum(kwh) AS s_kwh, sum(kwh_low) AS s_kwh_low, sum(kwh_high) AS s_kwh_high, sum(water_l) AS s_water_l, sum(water_l_low) AS s_water_l_low, sum(water_l_high) AS s_water_l_high, sum(co2_kg) AS s_co2_kg, sum(co2_kg_low) AS s_co2_kg_low, sum(co2_kg_high) AS s_co2_kg_high
      FROM ecomind.usage_1m WHERE org_id = {org_id:String} AND generation <= {generation_max:UInt32}
        AND window_start >= toDateTime({from_1:UInt32}, 'UTC') AND window_start < toDateTime({to_1:UInt32}, 'UTC')
      GROUP BY bucket, factor_id HAVING s_calls != 0) AS b
      GROUP BY bucket ORDER BY bucket"
    `)
  })

  test('ranking: the largest of a filter over a ragged period', () => {
    const q = rankingQuestion({
      segments: [
        { table: 'usage_events', fromMs: 59_999, toMs: 60_000 },
        { table: 'usage_1d', fromMs: 86_400_000, toMs: 172_800_000 },
      ],
      field: 'user_id',
      by: 'tokens_out',
      limit: 8,
      filters: [{ field: 'model', keep: true, value: 'b' }],
      generationMax: 3,
    })
    expect(q.params).toEqual({
      from_0: 59_999,
      to_0: 60_000,
      from_1: 86_400,
      to_1: 172_800,
      keep_model: ['b'],
      generation_max: 3,
    })
    expect(q.people).toBe('listed')
    expect(q.read([{ value: 'a', groups: '5' }])).toEqual({ values: ['a'], groupCount: 5 })
    expect(q.read([])).toEqual({ values: [], groupCount: 0 })
    expect(q.text).toMatchInlineSnapshot(`
      "SELECT value, count() OVER () AS groups
      FROM (SELECT user_id AS value, toInt64(count()) AS s_calls, toInt64(sum(tokens_out)) AS s_ranked
      FROM ecomind.usage_events WHERE org_id = {org_id:String}
        AND ts >= fromUnixTimestamp64Milli({from_0:Int64}) AND ts < fromUnixTimestamp64Milli({to_0:Int64})
        AND model IN {keep_model:Array(String)}
      GROUP BY value
      UNION ALL
      SELECT user_id AS value, sum(calls) AS s_calls, sum(tokens_out) AS s_ranked
      FROM ecomind.usage_1d WHERE org_id = {org_id:String} AND generation <= {generation_max:UInt32}
        AND window_start >= toDateTime({from_1:UInt32}, 'UTC') AND window_start < toDateTime({to_1:UInt32}, 'UTC')
        AND model IN {keep_model:Array(String)}
      GROUP BY value)
      GROUP BY value HAVING sum(s_calls) != 0
      ORDER BY sum(s_ranked) DESC, value LIMIT 8"
    `)
  })

  test('events: a page behind another', () => {
    const q = eventsQuestion({
      fromMs: 1,
      toMs: 9,
      filters: [{ field: 'user_id', keep: true, value: 'a' }],
      after: { tsMs: 5, eventId: 'event-1' },
      limit: 100,
    })
    expect(q.params).toEqual({ from_ms: 1, to_ms: 9, after_ms: 5, after_id: 'event-1', keep_user_id: ['a'] })
    expect(q.text.split('\n').slice(1).join('\n')).toMatchInlineSnapshot(`
      "FROM ecomind.usage_events WHERE org_id = {org_id:String}
        AND ts >= fromUnixTimestamp64Milli({from_ms:Int64})
        AND ts < fromUnixTimestamp64Milli({to_ms:Int64})
        AND ts <= fromUnixTimestamp64Milli({after_ms:Int64})
        AND (ts, event_id) < (fromUnixTimestamp64Milli({after_ms:Int64}), {after_id:String})
        AND user_id IN {keep_user_id:Array(String)}
      ORDER BY ts DESC, event_id DESC LIMIT 101"
    `)
  })

  test('event', () => {
    expect(eventQuestion("x'").params).toEqual({ event_id: "x'" })
    expect(eventQuestion('x').text).toMatchInlineSnapshot(`
      "SELECT event_id, org_id, user_id, team_id, project_id, source, provider, model, region, tokens_source, service_tier, factor_set, factor_id, factor_match, grid_id, grid_match, tokens_in, tokens_out, tokens_cache_read, tokens_cache_write, tokens_reasoning, latency_ms, kwh, kwh_low, kwh_high, water_l, water_l_low, water_l_high, water_l_onsite, co2_kg, co2_kg_low, co2_kg_high, co2_kg_use, region_inferred, reasoning_separate, tags, quality, toUnixTimestamp64Milli(ts) AS ts_ms, toUnixTimestamp64Milli(arrived_at) AS arrived_ms
      FROM ecomind.usage_events WHERE org_id = {org_id:String}
        AND event_id = {event_id:String} LIMIT 1"
    `)
  })

  test('reconciliation', () => {
    const q = reconciliationQuestion(3_600_000, 7_200_000, 10)
    expect(q.params).toEqual({ from_s: 3600, to_s: 7200 })
    expect(q.text).toMatchInlineSnapshot(`
      "SELECT org, hour_s, sum(a) AS accepted, sum(s) AS stored, sum(d) AS duplicate, sum(q) AS quarantined
      FROM (SELECT toString(org_id) AS org, toInt64(toUnixTimestamp(hour)) AS hour_s, sum(accepted) AS a,
        toInt64(0) AS s, sum(duplicate) AS d, sum(quarantined) AS q
      FROM ecomind.ingest_ledger WHERE org_id IN {org_ids:Array(String)}
        AND hour >= toDateTime({from_s:UInt32}, 'UTC') AND hour < toDateTime({to_s:UInt32}, 'UTC')
      GROUP BY org, hour_s
      UNION ALL
      SELECT toString(org_id) AS org, toInt64(intDiv(toUnixTimestamp(arrived_at), 3600) * 3600) AS hour_s, toInt64(0) AS a,
        toInt64(count()) AS s, toInt64(0) AS d, toInt64(0) AS q
      FROM ecomind.usage_events WHERE org_id = {org_id:String}
        AND arrived_at >= toDateTime({from_s:UInt32}, 'UTC') AND arrived_at < toDateTime({to_s:UInt32}, 'UTC')
      GROUP BY org, hour_s
      UNION ALL
      SELECT toString(org_id) AS org, toInt64(toUnixTimestamp(arrived_at)) AS hour_s, toInt64(0) AS a,
        toInt64(uniqExact(log_generation, log_partition, log_offset, log_index)) AS s, toInt64(0) AS d, toInt64(0) AS q
      FROM ecomind.erased_events WHERE org_id = {org_id:String}
        AND arrived_at >= toDateTime({from_s:UInt32}, 'UTC') AND arrived_at < toDateTime({to_s:UInt32}, 'UTC')
      GROUP BY org, hour_s
      UNION ALL
      SELECT org, hour_s, toInt64(0) AS a, toInt64(sum(r)) AS s, toInt64(0) AS d, toInt64(0) AS q
      FROM (SELECT toString(org_id) AS org, toInt64(toUnixTimestamp(hour)) AS hour_s, run, max(removed) AS r
      FROM ecomind.raw_removals WHERE org_id = {org_id:String}
        AND hour >= toDateTime({from_s:UInt32}, 'UTC') AND hour < toDateTime({to_s:UInt32}, 'UTC')
      GROUP BY org, hour_s, run)
      GROUP BY org, hour_s)
      GROUP BY org, hour_s ORDER BY hour_s, org"
    `)
  })

  test('quarantine: list and by position', () => {
    const list = quarantineQuestion({
      reason: 'id_conflict',
      state: 'open',
      fromMs: 1,
      toMs: 9,
      after: { arrivedMs: 5, position },
      limit: 3,
    })
    expect(list.text).toMatchInlineSnapshot(`
      "SELECT org_id, event_id, reason, detail, raw, toUnixTimestamp64Milli(arrived_at) AS arrived_ms,
        log_generation, log_partition, log_offset, log_index, replays
      FROM (SELECT * FROM ecomind.quarantine WHERE org_id IN {org_ids:Array(String)}
        AND reason = {reason:String}
        AND arrived_at >= fromUnixTimestamp64Milli({from_ms:Int64})
        AND arrived_at < fromUnixTimestamp64Milli({to_ms:Int64})
        AND (arrived_at, log_generation, log_partition, log_offset, log_index) < (fromUnixTimestamp64Milli({after_ms:Int64}), {after_generation:UInt32}, {after_partition:UInt16}, {after_offset:UInt64}, {after_index:UInt32})) AS rows
      LEFT JOIN (SELECT log_generation, log_partition, log_offset, log_index, count() AS replays FROM ecomind.quarantine_replays WHERE org_id IN {org_ids:Array(String)} GROUP BY log_generation, log_partition, log_offset, log_index) AS r USING (log_generation, log_partition, log_offset, log_index)
      WHERE replays = 0
      ORDER BY arrived_at DESC, log_generation DESC, log_partition DESC, log_offset DESC, log_index DESC
      LIMIT 1 BY log_generation, log_partition, log_offset, log_index
      LIMIT 3"
    `)
    const one = quarantineByPosition([position])
    expect(one.params).toEqual({ offsets: [7], ids: ['1/0/7/3'] })
    expect(one.text).toMatchInlineSnapshot(`
      "SELECT org_id, event_id, reason, detail, raw, toUnixTimestamp64Milli(arrived_at) AS arrived_ms,
        log_generation, log_partition, log_offset, log_index, replays
      FROM (SELECT * FROM ecomind.quarantine WHERE org_id IN {org_ids:Array(String)}
        AND log_offset IN {offsets:Array(UInt64)}
        AND concat(toString(log_generation), '/', toString(log_partition), '/', toString(log_offset), '/', toString(log_index)) IN {ids:Array(String)}
      ) AS rows
      LEFT JOIN (SELECT log_generation, log_partition, log_offset, log_index, count() AS replays FROM ecomind.quarantine_replays WHERE org_id IN {org_ids:Array(String)} GROUP BY log_generation, log_partition, log_offset, log_index) AS r USING (log_generation, log_partition, log_offset, log_index)
      LIMIT 1 BY log_generation, log_partition, log_offset, log_index"
    `)
  })
})
