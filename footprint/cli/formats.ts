/** How the answer about a file is written: lines as they come (csv, jsonl) or totals at the end (table, json). */
import type { FactorSet } from '@ecomind/footprint'
import Table from 'cli-table3'
import { stringify } from 'csv-stringify/sync'
import type { ComputedCall } from './footprint-of-call.ts'
import type { Group, Options } from './options.ts'
import { rangeText } from './quantity-text.ts'
import type { Line } from './read-lines.ts'
import { createSums, type Sums, type Totals } from './totals.ts'

export interface Formatter {
  line(line: Line, computed: ComputedCall): string
  end(counts: { readonly calls: number; readonly refused: number }): string
}

export function formatterFor(options: Extract<Options, { kind: 'file' }>, set: FactorSet): Formatter {
  if (options.format === 'csv') return csvLines(set)
  if (options.format === 'jsonl') {
    return { line: (line, computed) => `${JSON.stringify(withNumbers(line, computed, set))}\n`, end: () => '' }
  }
  const sums = createSums()
  const end = options.format === 'json' ? jsonTotals : tableTotals
  return {
    line: (_line, computed) => {
      sums.add(options.groupBy.map((group) => nameIn(group, computed)).join(' / '), computed)
      return ''
    },
    end: (counts) => end(sums, set, options.groupBy, counts),
  }
}

const nameIn = (group: Group, { factor, grid }: ComputedCall): string =>
  ({ model: factor.factor.model, provider: factor.factor.provider, region: grid.grid.id })[group]

function withNumbers(line: Line, { factor, grid, footprint }: ComputedCall, set: FactorSet): Record<string, unknown> {
  const { kwh, waterL, co2Kg } = footprint
  return {
    ...(typeof line.raw === 'string' ? {} : line.raw),
    kwh: kwh.central,
    kwh_low: kwh.low,
    kwh_high: kwh.high,
    water_l: waterL.central,
    water_l_low: waterL.low,
    water_l_high: waterL.high,
    co2_kg: co2Kg.central,
    co2_kg_low: co2Kg.low,
    co2_kg_high: co2Kg.high,
    factor_set: set.id,
    factor_id: factor.factor.id,
    factor_match: factor.kind,
    grid_id: grid.grid.id,
    grid_match: grid.kind,
  }
}

function csvLines(set: FactorSet): Formatter {
  let columns: string[] | null = null
  return {
    line(line, computed) {
      const row = withNumbers(line, computed, set)
      const header = columns === null
      columns ??= Object.keys(row)
      // A spreadsheet would run a cell that begins like a formula.
      return stringify([row], { header, columns, escape_formulas: true })
    },
    end: () => '',
  }
}

type Counts = Parameters<Formatter['end']>[0]

function tableTotals(sums: Sums, set: FactorSet, groupBy: readonly Group[], counts: Counts): string {
  const table = new Table({
    head: [groupBy.join(' / '), 'calls', 'tokens in', 'tokens out', 'energy', 'water', 'CO2e'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  })
  const row = (t: Totals): string[] => [
    t.name,
    String(t.calls),
    String(t.tokensIn),
    String(t.tokensOut),
    rangeText(t.kwh, 'kWh'),
    rangeText(t.waterL, 'L'),
    rangeText(t.co2Kg, 'kg CO2e'),
  ]
  for (const group of sums.groups()) table.push(row(group))
  table.push(row(sums.total()))
  return `${table.toString()}\n${counts.calls} calls, factor set ${set.id}; ranges are P5 to P95, location-based\n`
}

function jsonTotals(sums: Sums, set: FactorSet, groupBy: readonly Group[], counts: Counts): string {
  const numbers = ({ calls, tokensIn, tokensOut, kwh, waterL, co2Kg }: Totals) => ({
    calls,
    tokens_in: tokensIn,
    tokens_out: tokensOut,
    kwh,
    water_l: waterL,
    co2_kg: co2Kg,
  })
  const answer = {
    factor_set: { id: set.id, method_version: set.methodVersion, checksum: set.checksum },
    group_by: groupBy,
    calls: counts.calls,
    refused: counts.refused,
    totals: numbers(sums.total()),
    items: sums.groups().map((group) => ({ name: group.name, ...numbers(group) })),
  }
  return `${JSON.stringify(answer, null, 2)}\n`
}
