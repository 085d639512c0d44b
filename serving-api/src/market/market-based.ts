/**
 * CO2e after certificates and contracts, beside the location-based total and never mixed into it. Energy and hardware are
 * the same; only the figure of the electricity is another one, where an instrument is known.
 */
import {
  addRanges,
  combineRanges,
  compileCoefficients,
  compileMarketCo2Use,
  computeFootprint,
  computeQuantity,
  type Footprint,
  type MarketFigure,
  marketFigure,
  type Range,
  type Source,
} from '@ecomind/footprint'
import type { MarketBasedAnswer, MarketBasedGroup } from '@ecomind/schemas'
import type { PlacedWork } from '../work/ask-work.ts'

interface Measured {
  readonly work: PlacedWork
  readonly figure: MarketFigure
  readonly location: Footprint
  readonly useMarketKg: Range
}

function measure(work: PlacedWork): Measured {
  const { factor, grid, activity } = work
  return {
    work,
    figure: marketFigure(factor, grid),
    location: computeFootprint(compileCoefficients(factor, grid), activity),
    useMarketKg: computeQuantity(compileMarketCo2Use(factor, grid), activity),
  }
}

const combined = (measured: readonly Measured[], rangeOf: (m: Measured) => Range): Range =>
  combineRanges(measured.map((m) => ({ class: m.work.factor.class, factor: m.work.factor.model, range: rangeOf(m) })))

const sum = (measured: readonly Measured[], amountOf: (m: Measured) => number): number =>
  measured.reduce((total, m) => total + amountOf(m), 0)

function groupOf(members: readonly Measured[]): MarketBasedGroup[] {
  const [first] = members
  if (first === undefined) return []
  const { work, figure } = first
  const { low, central, high, sources } = figure.market?.g_per_kwh_market ?? work.grid.g_per_kwh
  return [
    {
      provider: work.factor.provider,
      factor_set: work.set.id,
      grid_id: work.grid.id,
      basis: figure.basis,
      instrument: figure.market?.instrument ?? null,
      year: figure.market?.year ?? work.grid.year,
      g_per_kwh: { low, central, high },
      source_ids: [...sources],
      calls: sum(members, (m) => m.work.activity.calls),
      kwh: sum(members, (m) => m.location.kwh.central),
      co2_kg_use_market: sum(members, (m) => m.useMarketKg.central),
      co2_kg_use_location: sum(members, (m) => m.location.co2UseKg.central),
    },
  ]
}

function citedBy(groups: readonly MarketBasedGroup[], work: readonly PlacedWork[]): Source[] {
  const cited = new Set(groups.flatMap((g) => g.source_ids))
  const all = new Map(work.flatMap((w) => w.set.sources.filter((s) => cited.has(s.id)).map((s) => [s.id, s])))
  return [...all.values()]
}

type MarketNumbers = Omit<MarketBasedAnswer, 'from' | 'to' | 'tz' | 'calls_left_out'>

export function marketBased(work: readonly PlacedWork[]): MarketNumbers {
  const measured = work.map(measure)
  const byFigure = new Map<string, Measured[]>()
  for (const m of measured) {
    const key = [m.work.set.id, m.work.factor.provider, m.work.grid.id].join('\n')
    byFigure.set(key, [...(byFigure.get(key) ?? []), m])
  }
  const groups = [...byFigure.values()].flatMap(groupOf).sort((a, b) => b.kwh - a.kwh)
  const kwh = sum(measured, (m) => m.location.kwh.central)
  const known = measured.filter((m) => m.figure.basis !== 'location')
  return {
    method: 'market-based',
    calls: sum(measured, (m) => m.work.activity.calls),
    co2_kg_market: combined(measured, (m) => addRanges(m.useMarketKg, m.location.co2EmbodiedKg)),
    co2_kg_location: combined(measured, (m) => m.location.co2Kg),
    co2_kg_use_market: sum(measured, (m) => m.useMarketKg.central),
    co2_kg_embodied: sum(measured, (m) => m.location.co2EmbodiedKg.central),
    kwh_share_with_instrument: kwh === 0 ? null : sum(known, (m) => m.location.kwh.central) / kwh,
    groups,
    sources: citedBy(groups, work).map(({ id, title, url, year, licence }) => ({
      id,
      title,
      ...(url === undefined ? {} : { url }),
      year,
      licence,
    })),
  }
}
