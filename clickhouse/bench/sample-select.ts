/** A SELECT that makes usage rows: token counts of the trace, a few heavy and many light users, ids of UUID version 7. */

export interface SampleSelect {
  /** CSV of number, context tokens, generated tokens. */
  readonly trace: string
  readonly requests: number
  readonly from: number
  readonly count: number
  readonly total: number
  /** Time over which all events are spread, milliseconds. */
  readonly spanMs: number
}

const FOOTPRINT = [
  ['kwh', 100],
  ['kwh_low', 100],
  ['kwh_high', 100],
  ['water_l', 80],
  ['water_l_low', 80],
  ['water_l_high', 80],
  ['water_l_onsite', 80],
  ['co2_kg', 30],
  ['co2_kg_low', 30],
  ['co2_kg_high', 30],
  ['co2_kg_use', 30],
] as const

/** Linear in the tokens with coefficients of model and grid, as the footprint engine's numbers are. */
function footprint(name: string, scale: number, i: number): string {
  const coefficient = (term: string): string => `(cityHash64(mi, gi, '${term}', ${i}) % 1000 + 100) * ${scale}`
  const units = `${coefficient('b')} * 300 + ${coefficient('i')} * (t.a / 100) + ${coefficient('o')} * t.b * 3`
  return `reinterpret(toInt64(${units}), 'Decimal(18, 12)') AS ${name}`
}

const hex = (seed: number, length: number): string =>
  `substring(leftPad(lower(hex(rand64(${seed}))), 16, '0'), 1, ${length})`

export function sampleSelect(s: SampleSelect): string {
  const stamp = "leftPad(lower(hex(toUnixTimestamp64Milli(arrived_at))), 12, '0')"
  return `SELECT 'org_demo' AS org_id,
    concat(substring(${stamp}, 1, 8), '-', substring(${stamp}, 9, 4), '-7', ${hex(1, 3)}, '-a', ${hex(2, 3)}, '-', ${hex(3, 12)}) AS event_id,
    concat('user_', toString(u), '@example.com') AS user_id, concat('team_', toString(u % 50)) AS team_id,
    if(u % 3 = 0, '', concat('project_', toString(u % 120))) AS project_id, ['sdk', 'otlp', 'extension', 'api'][u % 4 + 1] AS source,
    ['openai', 'anthropic', 'google', 'mistral'][mi % 4 + 1] AS provider, concat('model-', toString(mi)) AS model,
    ['US', 'US-CAISO', 'DE', 'FR', 'eu-west-1'][gi + 1] AS region, u % 2 = 0 AS region_inferred,
    arrived_at - toIntervalMillisecond(rand(4) % 3000) AS ts, arrived_at, t.a AS tokens_in, t.b AS tokens_out,
    toUInt32(if(rand(5) % 10 < 3, intDiv(t.a * (rand(6) % 8), 10), 0)) AS tokens_cache_read, toUInt32(0) AS tokens_cache_write,
    toUInt32(if(mi % 3 = 0, intDiv(t.b, 3), 0)) AS tokens_reasoning, false AS reasoning_separate,
    if(u % 4 = 1, NULL, toUInt32(t.b * 12 + rand(7) % 900)) AS latency_ms,
    ['provider', 'provider', 'tokenizer', 'estimate'][u % 4 + 1] AS tokens_source, '' AS service_tier,
    if(u % 5 = 0, map('app', concat('app', toString(u % 7)), 'env', 'prod'), CAST(map(), 'Map(String, String)')) AS tags,
    '2026.1' AS factor_set, concat('model-', toString(mi)) AS factor_id, 'exact' AS factor_match,
    ['us', 'us-caiso', 'de', 'fr', 'ie'][gi + 1] AS grid_id, 'exact' AS grid_match, if(u % 4 < 2, 'measured', 'estimated') AS quality,
    ${FOOTPRINT.map(([name, scale], i) => footprint(name, scale, i)).join(', ')},
    toDateTime(arrived_at) - 5 AS watermark_at, toUInt32(1) AS log_generation, toUInt16(number % 2) AS log_partition,
    intDiv(number, 100) AS log_offset, toUInt32(intDiv(number, 2) % 50) AS log_index, rand(8) AS content_hash
  FROM (
    SELECT number, toUInt32(pow(rand(9) / 4294967296, 2) * 2000) AS u, (u * 7 + rand(10) % 3) % 12 AS mi, u % 5 AS gi,
      fromUnixTimestamp64Milli(1790000000000 + intDiv(number * ${s.spanMs}, ${s.total}) + rand(11) % 50, 'UTC') AS arrived_at,
      (number * 7919) % ${s.requests} AS request
    FROM numbers(${s.from}, ${s.count})
  ) AS n
  INNER JOIN file('${s.trace}', 'CSV', 'i UInt32, a UInt32, b UInt32') AS t ON t.i = n.request
  ORDER BY number`
}
