/** What rows that are made inside the engine need beside their fields: coefficients, and the minutes they add up to. */
import { type ClickHouse, type QueryParam, rollupFromRaw } from '@ecomind/clickhouse'

/** Provider and model of what most calls go to. */
export const COMMON_MODELS = [
  ['openai', 'gpt-4o'],
  ['openai', 'gpt-4o-mini'],
  ['openai', 'gpt-4.1'],
  ['openai', 'o3'],
  ['anthropic', 'claude-3-5-sonnet'],
  ['anthropic', 'claude-3-5-haiku'],
  ['google', 'gemini-2.5-flash'],
  ['google', 'gemini-2.5-pro'],
] as const

/** kWh per 1,000 tokens in and out, in the middle; the rest follows by factors of a plausible size. */
const [IN, OUT] = [1e-4, 8e-4] as const
/** Central, low, high of kWh, water on site, water off site, CO2e of use, embodied CO2e, per kWh. */
const BANDS = [1, 1 / 3, 3, 0.3, 0.1, 0.8, 3.7, 0.9, 11.2, 0.19, 0.055, 0.66, 0.01, 0.005, 0.04]

/** SQL text of the 105 doubles that `usage_events.coefficients` holds (clickhouse/src/footprint-columns.ts). */
export function madeCoefficients(): string {
  const doubles = Float64Array.from(BANDS.flatMap((band) => [0, IN * band, IN * band, IN * band, OUT * band, 0, 0]))
  return `unhex('${Buffer.from(doubles.buffer).toString('hex')}')`
}

/** Adds up raw rows that match (alias `e`), once; the views make the coarser rollups. */
export async function insertMinutes(
  ch: ClickHouse,
  where: string,
  params: Readonly<Record<string, QueryParam>>,
): Promise<void> {
  const { columns, select } = rollupFromRaw('usage_1m', where)
  const settings = 'SETTINGS insert_deduplicate = 0, compile_expressions = 0, max_insert_threads = 1'
  await ch.command({ text: `INSERT INTO ecomind.usage_minutes (${columns}) ${select} ${settings}`, params })
}
