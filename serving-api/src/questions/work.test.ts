import { describe, expect, test } from 'vitest'
import { activeUsersQuestion } from './active-users.ts'
import { workQuestion } from './work.ts'

describe('exact text and values', () => {
  test('work: two periods of rollups, records only', () => {
    const q = workQuestion({
      periods: [
        [{ table: 'usage_1d', fromMs: 86_400_000, toMs: 172_800_000 }],
        [{ table: 'usage_1m', fromMs: 0, toMs: 60_000 }],
      ],
      filters: [{ field: 'model', keep: true, value: "o'hara" }],
      names: false,
      ranges: false,
      rowsMax: 10,
    })
    expect(q.limits).toEqual({ maxResultRows: 10 })
    expect(q.params).toEqual({ from_0: 86_400, to_0: 172_800, from_1: 0, to_1: 60, keep_model: ["o'hara"] })
    expect(q.text).toMatchInlineSnapshot(`
      "SELECT period, factor_set, factor_id, grid_id, sum(s_calls) AS calls, sum(s_tokens_in) AS tokens_in, sum(s_tokens_in_squared) AS tokens_in_squared, sum(s_tokens_out) AS tokens_out, sum(s_tokens_cache_read) AS tokens_cache_read, sum(s_tokens_cache_write) AS tokens_cache_write, sum(s_tokens_reasoning_separate) AS tokens_reasoning_separate, sum(s_tokens_out_reasoning_hidden) AS tokens_out_reasoning_hidden, sum(s_kwh) AS kwh, sum(s_water_l) AS water_l, sum(s_co2_kg) AS co2_kg
      FROM (SELECT 0 AS period, factor_set, factor_id, grid_id,
        toInt128(sum(calls)) AS s_calls, toInt128(sum(tokens_in)) AS s_tokens_in, toInt128(sum(tokens_in_squared)) AS s_tokens_in_squared, toInt128(sum(tokens_out)) AS s_tokens_out, toInt128(sum(tokens_cache_read)) AS s_tokens_cache_read, toInt128(sum(tokens_cache_write)) AS s_tokens_cache_write, toInt128(sum(tokens_reasoning_separate)) AS s_tokens_reasoning_separate, toInt128(sum(tokens_out_reasoning_hidden)) AS s_tokens_out_reasoning_hidden,
        sum(kwh) AS s_kwh, sum(water_l) AS s_water_l, sum(co2_kg) AS s_co2_kg
      FROM ecomind.usage_1d WHERE org_id = {org_id:String} AND generation <= {generation_max:UInt32}
        AND window_start >= toDateTime({from_0:UInt32}, 'UTC') AND window_start < toDateTime({to_0:UInt32}, 'UTC')
        AND model IN {keep_model:Array(String)}
      GROUP BY factor_set, factor_id, grid_id
      UNION ALL
      SELECT 1 AS period, factor_set, factor_id, grid_id,
        toInt128(sum(calls)) AS s_calls, toInt128(sum(tokens_in)) AS s_tokens_in, toInt128(sum(tokens_in_squared)) AS s_tokens_in_squared, toInt128(sum(tokens_out)) AS s_tokens_out, toInt128(sum(tokens_cache_read)) AS s_tokens_cache_read, toInt128(sum(tokens_cache_write)) AS s_tokens_cache_write, toInt128(sum(tokens_reasoning_separate)) AS s_tokens_reasoning_separate, toInt128(sum(tokens_out_reasoning_hidden)) AS s_tokens_out_reasoning_hidden,
        sum(kwh) AS s_kwh, sum(water_l) AS s_water_l, sum(co2_kg) AS s_co2_kg
      FROM ecomind.usage_1m WHERE org_id = {org_id:String} AND generation <= {generation_max:UInt32}
        AND window_start >= toDateTime({from_1:UInt32}, 'UTC') AND window_start < toDateTime({to_1:UInt32}, 'UTC')
        AND model IN {keep_model:Array(String)}
      GROUP BY factor_set, factor_id, grid_id)
      GROUP BY period, factor_set, factor_id, grid_id HAVING calls != 0 ORDER BY period, factor_set, factor_id, grid_id"
    `)
  })

  test('work: raw events at a ragged end, with names and ranges', () => {
    const q = workQuestion({
      periods: [[{ table: 'usage_events', fromMs: 1, toMs: 60_000 }]],
      filters: [],
      names: true,
      ranges: true,
      rowsMax: 10,
    })
    expect(q.params).toEqual({ from_0: 1, to_0: 60_000 })
    expect(q.text).toMatchInlineSnapshot(`
      "SELECT period, provider, model, region, factor_set, factor_id, grid_id, sum(s_calls) AS calls, sum(s_tokens_in) AS tokens_in, sum(s_tokens_in_squared) AS tokens_in_squared, sum(s_tokens_out) AS tokens_out, sum(s_tokens_cache_read) AS tokens_cache_read, sum(s_tokens_cache_write) AS tokens_cache_write, sum(s_tokens_reasoning_separate) AS tokens_reasoning_separate, sum(s_tokens_out_reasoning_hidden) AS tokens_out_reasoning_hidden, sum(s_kwh) AS kwh, sum(s_water_l) AS water_l, sum(s_co2_kg) AS co2_kg, sum(s_kwh_low) AS kwh_low, sum(s_kwh_high) AS kwh_high, sum(s_water_l_low) AS water_l_low, sum(s_water_l_high) AS water_l_high, sum(s_co2_kg_low) AS co2_kg_low, sum(s_co2_kg_high) AS co2_kg_high
      FROM (SELECT 0 AS period, provider, model, region, factor_set, factor_id, grid_id,
        toInt128(count()) AS s_calls, toInt128(sum(tokens_in)) AS s_tokens_in, toInt128(sum(toUInt64(least(tokens_in, 200000)) * least(tokens_in, 200000))) AS s_tokens_in_squared, toInt128(sum(tokens_out)) AS s_tokens_out, toInt128(sum(tokens_cache_read)) AS s_tokens_cache_read, toInt128(sum(tokens_cache_write)) AS s_tokens_cache_write, toInt128(sumIf(tokens_reasoning, reasoning_separate)) AS s_tokens_reasoning_separate, toInt128(sumIf(tokens_out, tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0)) AS s_tokens_out_reasoning_hidden,
        sum(kwh) AS s_kwh, sum(water_l) AS s_water_l, sum(co2_kg) AS s_co2_kg, sum(kwh_low) AS s_kwh_low, sum(kwh_high) AS s_kwh_high, sum(water_l_low) AS s_water_l_low, sum(water_l_high) AS s_water_l_high, sum(co2_kg_low) AS s_co2_kg_low, sum(co2_kg_high) AS s_co2_kg_high
      FROM ecomind.usage_events WHERE org_id = {org_id:String}
        AND ts >= fromUnixTimestamp64Milli({from_0:Int64}) AND ts < fromUnixTimestamp64Milli({to_0:Int64})
      GROUP BY provider, model, region, factor_set, factor_id, grid_id)
      GROUP BY period, provider, model, region, factor_set, factor_id, grid_id HAVING calls != 0 ORDER BY period, provider, model, region, factor_set, factor_id, grid_id"
    `)
  })

  test('active users, by team', () => {
    const q = activeUsersQuestion({
      segments: [{ table: 'usage_1h', fromMs: 0, toMs: 3_600_000 }],
      groupBy: ['team_id'],
      filters: [],
      rowsMax: 10,
    })
    expect(q.params).toEqual({ from_0: 0, to_0: 3600 })
    expect(q.text).toMatchInlineSnapshot(`
      "SELECT team_id, uniqExactIf(user_id, c != 0) AS users, sum(a) AS apart
      FROM (SELECT team_id, user_id, sum(s_calls) AS c, sum(s_apart) AS a FROM (SELECT team_id, user_id, toInt128(sum(calls)) AS s_calls, toInt128(sum(tokens_reasoning_separate)) AS s_apart
      FROM ecomind.usage_1h WHERE org_id = {org_id:String} AND generation <= {generation_max:UInt32}
        AND window_start >= toDateTime({from_0:UInt32}, 'UTC') AND window_start < toDateTime({to_0:UInt32}, 'UTC')
      GROUP BY team_id, user_id) GROUP BY team_id, user_id)
      GROUP BY team_id ORDER BY team_id"
    `)
  })
})
