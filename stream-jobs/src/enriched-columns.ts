/** What enrichment adds to the events of a batch: names and numbers, by the row numbers of the events. */
import type { NameColumn, UsageColumns, ValueDictionary } from '@ecomind/clickhouse'
import { UNIT_NAMES } from '@ecomind/footprint'
import type { EnrichContext } from './enrich.ts'
import type { EventColumns } from './event-columns.ts'

export class EnrichedColumns {
  regions = new Uint32Array(0)
  regionInferred = new Uint8Array(0)
  factorSets = new Uint32Array(0)
  factorIds = new Uint32Array(0)
  factorMatches = new Uint32Array(0)
  gridIds = new Uint32Array(0)
  gridMatches = new Uint32Array(0)
  qualities = new Uint32Array(0)
  /** Numbers of the enricher's table of coefficients. */
  coefficients = new Uint32Array(0)
  /** A number for provider, model, region, factor set, factor and grid together. */
  rollupKeys = new Uint32Array(0)
  /** 1 where the quality is `measured`, 2 where it is `unknown`. */
  grades = new Uint8Array(0)
  /** 1 where the tokens were counted from the visible text, which shows no reasoning. */
  hidden = new Uint8Array(0)
  /** Integers of 1e-12 kWh, litre or kg. */
  kwh = new Float64Array(0)
  kwhLow = new Float64Array(0)
  kwhHigh = new Float64Array(0)
  waterL = new Float64Array(0)
  waterLLow = new Float64Array(0)
  waterLHigh = new Float64Array(0)
  waterLOnsite = new Float64Array(0)
  co2Kg = new Float64Array(0)
  co2KgLow = new Float64Array(0)
  co2KgHigh = new Float64Array(0)
  co2KgUse = new Float64Array(0)

  /** Room for so many rows; what was in them is gone. */
  reserveRows(rows: number): void {
    if (rows <= this.regions.length) return
    const names = () => new Uint32Array(rows)
    this.regions = names()
    this.regionInferred = new Uint8Array(rows)
    this.factorSets = names()
    this.factorIds = names()
    this.factorMatches = names()
    this.gridIds = names()
    this.gridMatches = names()
    this.qualities = names()
    this.coefficients = names()
    this.rollupKeys = names()
    this.grades = new Uint8Array(rows)
    this.hidden = new Uint8Array(rows)
    for (const name of UNIT_NAMES) this[name] = new Float64Array(rows)
  }
}

/** Where every column of usage_events is found. */
export function usageColumnsOf(
  events: EventColumns,
  added: EnrichedColumns,
  coefficients: ValueDictionary,
  context: EnrichContext,
): UsageColumns {
  const { names, bytes } = events
  const named = (ids: Uint32Array): NameColumn => ({ names, ids })
  return {
    org_id: named(events.orgs),
    event_id: { bytes, starts: events.eventIdStarts, ends: events.eventIdEnds },
    user_id: { bytes, starts: events.userIdStarts, ends: events.userIdEnds },
    team_id: named(events.teams),
    project_id: named(events.projects),
    source: named(events.sources),
    provider: named(events.providers),
    model: named(events.models),
    region: named(added.regions),
    region_inferred: added.regionInferred,
    ts: events.ts,
    arrived_at: events.arrivedAtMs,
    tokens_in: events.tokensIn,
    tokens_out: events.tokensOut,
    tokens_cache_read: events.tokensCacheRead,
    tokens_cache_write: events.tokensCacheWrite,
    tokens_reasoning: events.tokensReasoning,
    reasoning_separate: events.reasoningSeparate,
    latency_ms: events.latencyMs,
    tokens_source: named(events.tokensSources),
    service_tier: named(events.serviceTiers),
    tags: { bytes, firsts: events.tagFirsts, counts: events.tagCounts, spans: events.tagSpans },
    factor_set: named(added.factorSets),
    factor_id: named(added.factorIds),
    factor_match: named(added.factorMatches),
    grid_id: named(added.gridIds),
    grid_match: named(added.gridMatches),
    quality: named(added.qualities),
    coefficients: { names: coefficients, ids: added.coefficients },
    watermark_at: watermarkAt(context),
    log_generation: context.generation,
    log_partition: context.partition,
    log_offset: events.offsets,
    log_index: events.indexes,
    content_hash: events.contentHashes,
    numbers: numbersOf(added),
  }
}

function numbersOf(added: EnrichedColumns): UsageColumns['numbers'] {
  return {
    kwh: added.kwh,
    kwh_low: added.kwhLow,
    kwh_high: added.kwhHigh,
    water_l: added.waterL,
    water_l_low: added.waterLLow,
    water_l_high: added.waterLHigh,
    water_l_onsite: added.waterLOnsite,
    co2_kg: added.co2Kg,
    co2_kg_low: added.co2KgLow,
    co2_kg_high: added.co2KgHigh,
    co2_kg_use: added.co2KgUse,
  }
}

function watermarkAt({ watermarkMs }: EnrichContext): number {
  return Math.max(0, Math.floor((watermarkMs ?? 0) / 1000))
}
