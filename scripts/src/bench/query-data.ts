/**
 * Raw events by the million, made inside the engine; the views make the rollups. Each day is made from its number alone,
 * so a data folder can be carried on from any day to any other. Sessions: one of 2,000 users works with one of 12 models
 * for an hour, in 24 of its minutes with 10 calls each, so `usage_1m` has about a tenth as many rows as there are events.
 */
import { join } from 'node:path'
import { type ClickHouse, migrate, openClickHouse } from '@ecomind/clickhouse'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { COMMON_MODELS, insertMinutes, madeCoefficients } from './made-rows.ts'

export const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const CHUNK_ROWS = 1_000_000
const ROLLUPS = ['usage_1m', 'usage_15m', 'usage_1h', 'usage_1d'] as const

export interface FilledDays {
  /** Epoch day. */
  readonly firstDay: number
  readonly days: number
  readonly rowsPerDay: number
}

export const today = (): number => Math.floor(Date.now() / DAY_MS)

/** @param folder that holds the folders `clickhouse` and `spool`, as a product's data folder does */
export async function fillDays(folder: string, { firstDay, days, rowsPerDay }: FilledDays): Promise<void> {
  const ch = await openClickHouse(
    { kind: 'embedded', dataDir: join(folder, 'clickhouse'), spoolDir: join(folder, 'spool') },
    { role: 'loader' },
  )
  try {
    await migrate(ch)
    const statement = fillStatement()
    for (let day = firstDay; day < firstDay + days; day++) {
      for (let from = 0; from < rowsPerDay; from += CHUNK_ROWS)
        await fill(ch, statement, day, from, Math.min(CHUNK_ROWS, rowsPerDay - from), rowsPerDay)
      if (rowsPerDay > CHUNK_ROWS) process.stderr.write(`  day ${day - firstDay + 1} of ${days} is made\n`)
    }
    // The background would come to this within the hours that these days stand for.
    for (const table of ROLLUPS) await ch.command({ text: `OPTIMIZE TABLE ecomind.${table} FINAL` })
  } finally {
    await ch.close()
  }
}

async function fill(
  ch: ClickHouse,
  text: string,
  day: number,
  from: number,
  count: number,
  rowsPerDay: number,
): Promise<void> {
  await ch.command({
    text,
    params: { day, from, count, per_day: rowsPerDay, day_ms: day * DAY_MS },
  })
  const first = day * 1_000_000 + Math.floor(from / 100)
  // The hours that the rows lie in are for the index; the offsets alone would make it read the whole table.
  const hourOf = (row: number): number => day * DAY_MS + Math.floor((row * 24) / rowsPerDay) * HOUR_MS
  const span = `e.ts >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC') AND e.ts < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')`
  await insertMinutes(ch, `${span} AND e.log_offset >= {first:UInt64} AND e.log_offset < {end:UInt64}`, {
    first,
    end: first + Math.ceil(count / 100),
    from_ms: hourOf(from),
    to_ms: hourOf(from + count - 1) + HOUR_MS,
  })
}

const MODELS = [
  ...COMMON_MODELS,
  ['mistral', 'mistral-large-2'],
  ['deepseek', 'deepseek-v3'],
  ['meta', 'llama-3.1-70b'],
  ['meta', 'llama-3.1-8b'],
] as const

/** Each model with the factor that the product would give it, so that an answer combines their ranges as it does there. */
function madeModels(): { readonly factorSet: string; readonly list: string } {
  const set = loadDefaultFactorSet()
  const tuples = MODELS.map(([provider, model]) => {
    const { factor } = set.resolveFactor(provider, model)
    return `('${provider}', '${model}', '${factor.id}')`
  })
  return { factorSet: set.id, list: tuples.join(', ') }
}

/** Part of the key of a cached folder: other text, other rows. */
export function fillStatement(): string {
  const { factorSet, list } = madeModels()
  return `INSERT INTO ecomind.usage_events
  (org_id, event_id, user_id, team_id, project_id, source, provider, model, region, ts, arrived_at, tokens_in, tokens_out,
   tokens_source, factor_set, factor_id, factor_match, grid_id, grid_match, quality, coefficients, watermark_at,
   log_generation, log_offset, log_index, content_hash)
  WITH cityHash64({day:UInt32}, number) AS h, cityHash64({day:UInt32}, intDiv(number, 240)) AS hs, hs % 2000 AS u,
    intDiv(number * 24, {per_day:UInt64}) AS hour, (hs + intDiv(number, 10)) % 60 AS minute,
    toUInt32(50 + bitShiftRight(h, 20) % 2000) AS tin, toUInt32(10 + bitShiftRight(h, 40) % 600) AS tout,
    [${list}][1 + (u + bitShiftRight(hs, 50) % 3) % ${MODELS.length}] AS m
  SELECT 'org_demo', toString(generateUUIDv7(number)), concat('user_', toString(u)), concat('team_', toString(u % 20)), '', 'sdk',
    m.1, m.2, ['US-CAISO', 'FR', 'DE'][1 + u % 3],
    fromUnixTimestamp64Milli({day_ms:Int64}, 'UTC')
      + toIntervalMillisecond((hour * 60 + minute) * 60000 + bitShiftRight(h, 8) % 60000) AS at,
    at, tin, tout, 'provider', '${factorSet}', m.3, 'exact', 'FR', 'exact', 'measured',
    ${madeCoefficients()},
    toDateTime(intDiv({day_ms:Int64}, 1000), 'UTC'), 1, {day:UInt32} * 1000000 + intDiv(number, 100), number % 100, toUInt32(h)
  FROM numbers({from:UInt64}, {count:UInt64})
  SETTINGS insert_deduplicate = 0, max_block_size = 1048576, min_insert_block_size_rows = 1048576`
}
