/**
 * What the API must answer, worked out from the rows one by one with nothing of the code under test: windows are found
 * by asking Intl for each event's own local date, sums are integers, ranges follow the rule of the method in words.
 */
import type { UsageRow } from '@ecomind/clickhouse'
import type { FactorSet } from '@ecomind/footprint'
import type { GroupField, WindowSize } from '@ecomind/schemas'

export interface OracleQuestion {
  readonly fromMs: number
  readonly toMs: number
  readonly window: WindowSize | undefined
  readonly tz: string
  readonly groupBy: readonly GroupField[]
  readonly keep: Readonly<Partial<Record<GroupField, readonly string[]>>>
  readonly drop: Readonly<Partial<Record<GroupField, readonly string[]>>>
}

export interface OracleSums {
  readonly calls: number
  readonly tokens_in: number
  readonly tokens_out: number
  readonly kwh: number
  readonly kwh_low: number
  readonly kwh_high: number
  readonly water_l: number
  readonly co2_kg: number
  readonly co2_kg_low: number
  readonly co2_kg_high: number
  readonly co2_kg_use: number
}

const SIZE_MS = { '1m': 60_000, '15m': 900_000, '1h': 3_600_000 } as const

/** Key of a row's window and group, e.g. `2025-03-30|gpt-4o`. */
export function oracleKey(q: OracleQuestion, tsMs: number, groups: (field: GroupField) => string): string {
  return [windowName(q, tsMs), ...q.groupBy.map(groups)].join('|')
}

export function windowName({ window, tz }: Pick<OracleQuestion, 'window' | 'tz'>, tsMs: number): string {
  if (window === undefined) return 'whole'
  // Swedish writes dates as YYYY-MM-DD.
  if (window === '1d') return new Intl.DateTimeFormat('sv-SE', { timeZone: tz, dateStyle: 'short' }).format(tsMs)
  return new Date(tsMs - (tsMs % SIZE_MS[window])).toISOString()
}

export function askOracle(
  rows: readonly UsageRow[],
  set: FactorSet,
  q: OracleQuestion,
): ReadonlyMap<string, OracleSums> {
  const groups = new Map<string, UsageRow[]>()
  for (const row of selected(rows, q)) {
    const key = oracleKey(q, row.ts, (f) => row[f])
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return new Map([...groups].map(([key, members]) => [key, sumsOf(members, set)]))
}

export function totalsOf(rows: readonly UsageRow[], set: FactorSet, q: OracleQuestion): OracleSums {
  return sumsOf(selected(rows, q), set)
}

function selected(rows: readonly UsageRow[], q: OracleQuestion): UsageRow[] {
  return rows.filter(
    (r) =>
      r.ts >= q.fromMs &&
      r.ts < q.toMs &&
      Object.entries(q.keep).every(([f, values]) => values.includes(r[f as GroupField])) &&
      Object.entries(q.drop).every(([f, values]) => !values.includes(r[f as GroupField])),
  )
}

function sumsOf(rows: readonly UsageRow[], set: FactorSet): OracleSums {
  const sum = (name: keyof UsageRow): number => rows.reduce((s, r) => s + Number(r[name]), 0)
  const kwh = boundsOf(rows, set, 'kwh')
  const co2 = boundsOf(rows, set, 'co2_kg')
  return {
    calls: rows.length,
    tokens_in: sum('tokens_in'),
    tokens_out: sum('tokens_out'),
    kwh: sum('kwh') / 1e12,
    kwh_low: kwh.low,
    kwh_high: kwh.high,
    water_l: sum('water_l') / 1e12,
    co2_kg: sum('co2_kg') / 1e12,
    co2_kg_low: co2.low,
    co2_kg_high: co2.high,
    co2_kg_use: sum('co2_kg_use') / 1e12,
  }
}

/** Distances of one model add up; in a class they are correlated with 0.5, between classes not at all. */
function boundsOf(
  rows: readonly UsageRow[],
  set: FactorSet,
  quantity: 'kwh' | 'co2_kg',
): { low: number; high: number } {
  const models = new Map<string, { cls: string; down: number; up: number }>()
  for (const row of rows) {
    const factor = set.factorById(row.factor_id)
    if (factor === undefined) throw new RangeError(`oracle: no factor ${row.factor_id}`)
    const key = `${factor.class}/${factor.model}`
    const at = models.get(key) ?? { cls: factor.class, down: 0, up: 0 }
    at.down += (row[quantity] - row[`${quantity}_low`]) / 1e12
    at.up += (row[`${quantity}_high`] - row[quantity]) / 1e12
    models.set(key, at)
  }
  const central = rows.reduce((s, r) => s + r[quantity], 0) / 1e12
  const distance = (side: 'down' | 'up'): number => {
    let variance = 0
    for (const a of models.values()) {
      for (const b of models.values()) {
        variance += (a === b ? 1 : a.cls === b.cls ? 0.5 : 0) * a[side] * b[side]
      }
    }
    return Math.sqrt(variance)
  }
  return { low: Math.max(0, central - distance('down')), high: central + distance('up') }
}
