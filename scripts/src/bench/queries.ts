/** Dashboard questions over 30 days of many events, and what a raw event costs on disk. The rows are made inside the engine. */
import { join } from 'node:path'
import { type ClickHouse, migrate, openClickHouse } from '@ecomind/clickhouse'
import { percentiles } from './load-generator.ts'
import { openBench } from './product.ts'
import { type Figure, figure } from './report.ts'

const CHUNK_ROWS = 500_000
const REPEATS = 30
const DAY_MS = 86_400_000

export async function* benchQueries(rows: number): AsyncGenerator<Figure> {
  const bench = await openBench()
  try {
    const ch = await openClickHouse(
      { kind: 'embedded', dataDir: join(bench.dataDir, 'clickhouse'), spoolDir: join(bench.dataDir, 'spool') },
      { role: 'loader' },
    )
    await migrate(ch)
    for (let from = 0; from < rows; from += CHUNK_ROWS) await fill(ch, from, Math.min(CHUNK_ROWS, rows - from))
    yield* diskFigures(ch, rows)
    await ch.close()
    await bench.start('core')
    yield await ask(bench.apiPort, rows)
  } finally {
    await bench.end()
  }
}

/** Synthetic rows: 2,000 users with up to 3 of 6 models each, ids and token counts without order, 30 days. */
async function fill(ch: ClickHouse, from: number, count: number): Promise<void> {
  await ch.command({
    text: `INSERT INTO ecomind.usage_events
      (org_id, event_id, user_id, team_id, project_id, source, provider, model, region, ts, arrived_at, tokens_in, tokens_out,
       factor_set, factor_id, factor_match, grid_id, grid_match, quality, kwh, kwh_low, kwh_high, water_l, water_l_low, water_l_high,
       water_l_onsite, co2_kg, co2_kg_low, co2_kg_high, co2_kg_use, watermark_at, log_generation, log_offset, log_index, content_hash)
      WITH cityHash64(number) AS h, h % 2000 AS u, toUInt32(50 + bitShiftRight(h, 20) % 2000) AS tin, toUInt32(10 + bitShiftRight(h, 40) % 600) AS tout,
           (tin + 8 * tout) / 1e7 AS e
      SELECT 'org_demo', toString(generateUUIDv7(number)), concat('user_', toString(u)), concat('team_', toString(u % 20)), '', 'sdk', 'openai',
        concat('model-', toString((u + bitShiftRight(h, 50) % 3) % 6)), 'US-CAISO',
        fromUnixTimestamp64Milli({now:Int64}) - toIntervalMillisecond(bitShiftRight(h, 8) % 2592000000), fromUnixTimestamp64Milli({now:Int64}), tin, tout,
        'bench', concat('model-', toString((u + bitShiftRight(h, 50) % 3) % 6)), 'exact', 'US-CAISO', 'exact', 'measured',
        e, e / 3, e * 3, e * 4, e, e * 12, e * 0.3, e * 0.2, e * 0.06, e * 0.7, e * 0.19,
        fromUnixTimestamp64Milli({now:Int64}), 1, intDiv(number, 100), number % 100, toUInt32(h)
      FROM numbers({from:UInt64}, {count:UInt64})`,
    params: { from, count, now: Date.now() },
  })
}

async function* diskFigures(ch: ClickHouse, rows: number): AsyncGenerator<Figure> {
  const parts = await ch.query<{ table: string; bytes: string; rows: string }>({
    text: `SELECT table, sum(bytes_on_disk) AS bytes, sum(rows) AS rows FROM system.parts WHERE active AND database = 'ecomind' GROUP BY table`,
  })
  const raw = parts.find((p) => p.table === 'usage_events')
  yield figure('bytes on disk per raw event', Number(raw?.bytes ?? 0) / rows, 'bytes', 40, {
    rows,
    tables: Object.fromEntries(parts.map((p) => [p.table, { bytes: Number(p.bytes), rows: Number(p.rows) }])),
  })
}

async function ask(apiPort: number, rows: number): Promise<Figure> {
  const to = new Date(Math.floor(Date.now() / DAY_MS + 1) * DAY_MS).toISOString()
  const from = new Date(Math.floor(Date.now() / DAY_MS - 30) * DAY_MS).toISOString()
  const base = `http://127.0.0.1:${apiPort}/v1/usage?org_id=org_demo&from=${from}&to=${to}`
  const questions = {
    trend: `${base}&window=1d`,
    byModel: `${base}&group_by=model`,
    byUser: `${base}&group_by=user_id`,
  }
  const delays: number[] = []
  const each: Record<string, unknown> = {}
  for (const [name, url] of Object.entries(questions)) {
    const own: number[] = []
    for (let i = 0; i < REPEATS; i++) {
      const started = performance.now()
      const answer = await fetch(url)
      const body = (await answer.json()) as { totals?: { calls: number } }
      if (body.totals?.calls !== rows) throw new Error(`queries: ${name} counts ${body.totals?.calls} calls of ${rows}`)
      own.push(performance.now() - started)
    }
    each[name] = percentiles(own)
    if (name !== 'byUser') delays.push(...own)
  }
  return figure('dashboard query over 30 days, p95', percentiles(delays).p95, 'ms', 50, { rows, latencyMs: each })
}
