/**
 * What a recomputation would change, from the sums of the rollups: first the new factors on the grids of before, then
 * the new grids, so that the two parts add up to the whole. Per call the run rounds to 1e-12, this does not; and calls
 * whose tier an earlier set did not tell apart count as standard here.
 */
import {
  type Coefficients,
  combineRanges,
  compileCoefficients,
  computeFootprint,
  type Factor,
  type FactorSet,
  type Footprint,
  type Range,
  type RangeGroup,
  resolveCall,
  SERVICE_TIERS,
} from '@ecomind/footprint'
import type { RecomputationPreview } from '@ecomind/schemas'
import type { PlacedWork } from '../work/ask-work.ts'
import type { ChunkPeriod } from './compiled-calls.ts'

const QUANTITIES = [
  ['kwh', 'kwh'],
  ['water_l', 'waterL'],
  ['co2_kg', 'co2Kg'],
] as const
type Name = (typeof QUANTITIES)[number][0]

interface Split {
  before: number
  after: number
  factor_change: number
  grid_change: number
}

interface Changed {
  readonly work: PlacedWork
  readonly factor: Factor
  readonly onOldGrid: Footprint
  readonly after: Footprint
}

export interface PreviewBasis {
  readonly set: FactorSet
  /** Months in the order of the periods of the work, cut at the ends. */
  readonly months: readonly ChunkPeriod[]
  readonly from: string
  readonly to: string
  readonly callsLeftOut: number
}

export function previewOf(placed: readonly PlacedWork[], basis: PreviewBasis): RecomputationPreview {
  const compiled = new Map<string, Coefficients>()
  const changed = placed.map((work) => changeOf(work, basis, compiled))
  const monthName = (w: PlacedWork): string => new Date(basis.months[w.period]?.fromMs ?? 0).toISOString().slice(0, 7)
  const by = <K>(keyOf: (w: PlacedWork) => K) => grouped(changed, keyOf)
  return {
    from: basis.from,
    to: basis.to,
    factor_set: basis.set.id,
    calls: placed.reduce((sum, w) => sum + w.activity.calls, 0),
    calls_left_out: basis.callsLeftOut,
    before: rangesOf(changed.map(({ work }) => ({ factor: work.factor, of: work.stored }))),
    after: rangesOf(changed.map(({ factor, after }) => ({ factor, of: after }))),
    ...sumsOf(changed),
    by_model: by((w) => ({ provider: w.provider, model: w.model })),
    by_region: by((w) => ({ region: w.region })),
    by_month: by((w) => ({ month: monthName(w) })),
  }
}

function changeOf(work: PlacedWork, { set, months }: PreviewBasis, compiled: Map<string, Coefficients>): Changed {
  const tier = SERVICE_TIERS.find((t) => work.factorId.endsWith(`+${t}`)) ?? null
  const tsMs = months[work.period]?.fromMs ?? 0
  const { provider, model, region } = work
  const { factor, grid } = resolveCall(set, { provider, model, region, serviceTier: tier, tsMs })
  const compute = (gridKey: string, on: PlacedWork['grid']): Footprint => {
    const key = `${factor.factor.id}\0${gridKey}`
    const coefficients = compiled.get(key) ?? compileCoefficients(factor.factor, on)
    compiled.set(key, coefficients)
    return computeFootprint(coefficients, work.activity)
  }
  return {
    work,
    factor: factor.factor,
    onOldGrid: compute(`${work.factorSet}\0${work.gridId}`, work.grid),
    after: compute(grid.grid.id, grid.grid),
  }
}

function sumsOf(changed: readonly Changed[]): Record<Name, Split> {
  const sums = Object.fromEntries(
    QUANTITIES.map(([name]) => [name, { before: 0, after: 0, factor_change: 0, grid_change: 0 }]),
  ) as Record<Name, Split>
  for (const { work, onOldGrid, after } of changed) {
    for (const [name, key] of QUANTITIES) {
      const sum = sums[name]
      sum.before += work.stored[key].central
      sum.after += after[key].central
      sum.factor_change += onOldGrid[key].central - work.stored[key].central
      sum.grid_change += after[key].central - onOldGrid[key].central
    }
  }
  return sums
}

/** Largest change of CO2e first. */
function grouped<K>(changed: readonly Changed[], keyOf: (w: PlacedWork) => K) {
  const groups = new Map<string, { key: K; rows: Changed[] }>()
  for (const row of changed) {
    const key = keyOf(row.work)
    const text = JSON.stringify(key)
    const group = groups.get(text) ?? { key, rows: [] }
    group.rows.push(row)
    groups.set(text, group)
  }
  return [...groups.values()]
    .map(({ key, rows }) => ({ ...key, calls: rows.reduce((n, r) => n + r.work.activity.calls, 0), ...sumsOf(rows) }))
    .sort((a, b) => Math.abs(b.co2_kg.after - b.co2_kg.before) - Math.abs(a.co2_kg.after - a.co2_kg.before))
}

type Quantities = Readonly<Record<(typeof QUANTITIES)[number][1], Range>>

function rangesOf(parts: readonly { readonly factor: Factor; readonly of: Quantities }[]): Record<Name, Range> {
  const entries = QUANTITIES.map(([name, key]) => {
    const groups: RangeGroup[] = parts.map(({ factor, of }) => ({
      class: factor.class,
      factor: factor.model,
      range: of[key],
    }))
    return [name, combineRanges(groups)] as const
  })
  return Object.fromEntries(entries) as Record<Name, Range>
}
