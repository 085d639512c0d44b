/** Step: the rows of usage_events. Pure: no clock, no I/O, nothing but the event, its position and the factor set. */
import type { UsageRow } from '@ecomind/clickhouse'
import { type Activity, activityOfCall } from '@ecomind/footprint'
import type { UsageEvent } from '@ecomind/schemas'
import type { ArrivedEvent } from './decode-records.ts'
import type { FootprintModel, ResolvedCall } from './footprint-model.ts'
import type { BatchPosition } from './ledger.ts'

export interface EnrichContext extends BatchPosition {
  /** Global watermark when the intent was written, epoch milliseconds; null before any is known. */
  readonly watermarkMs: number | null
}

/** Distinct (provider, model, region) kept; beyond it the cache begins anew, which only costs time. */
const CACHE_ENTRIES_MAX = 10_000

/** Remembers how each (provider, model, region) was resolved. One per factor set. */
export function createEnricher(model: FootprintModel): (arrived: ArrivedEvent, context: EnrichContext) => UsageRow {
  const resolved = new Map<string, ResolvedCall>()
  return (arrived, context) => {
    const { event } = arrived
    const key = `${event.provider}\0${event.model}\0${event.region ?? ''}`
    let call = resolved.get(key)
    if (call === undefined) {
      if (resolved.size >= CACHE_ENTRIES_MAX) resolved.clear()
      call = model.resolve(event.provider, event.model, event.region)
      resolved.set(key, call)
    }
    return usageRow(arrived, call, model.id, context)
  }
}

function usageRow(arrived: ArrivedEvent, call: ResolvedCall, factorSet: string, context: EnrichContext): UsageRow {
  const { event } = arrived
  const units = call.compute(activityOf(event))
  return {
    org_id: event.org_id,
    event_id: event.event_id,
    user_id: event.user_id,
    team_id: event.team_id ?? '',
    project_id: event.project_id ?? '',
    source: event.source ?? '',
    provider: event.provider,
    model: event.model,
    region: call.region,
    region_inferred: call.regionInferred,
    ts: event.ts,
    arrived_at: arrived.arrivedAtMs,
    tokens_in: event.tokens_in,
    tokens_out: event.tokens_out,
    tokens_cache_read: event.tokens_cache_read ?? 0,
    tokens_cache_write: event.tokens_cache_write ?? 0,
    tokens_reasoning: event.tokens_reasoning ?? 0,
    reasoning_separate: event.reasoning_separate,
    latency_ms: event.latency_ms,
    tokens_source: event.tokens_source ?? '',
    service_tier: event.service_tier ?? '',
    tags: event.tags,
    factor_set: factorSet,
    factor_id: call.factorId,
    factor_match: call.factorMatch,
    grid_id: call.gridId,
    grid_match: call.gridMatch,
    quality: qualityOf(event, call),
    kwh: units.kwh,
    kwh_low: units.kwhLow,
    kwh_high: units.kwhHigh,
    water_l: units.waterL,
    water_l_low: units.waterLLow,
    water_l_high: units.waterLHigh,
    water_l_onsite: units.waterLOnsite,
    co2_kg: units.co2Kg,
    co2_kg_low: units.co2KgLow,
    co2_kg_high: units.co2KgHigh,
    co2_kg_use: units.co2KgUse,
    watermark_at: Math.max(0, Math.floor((context.watermarkMs ?? 0) / 1000)),
    log_generation: context.generation,
    log_partition: context.partition,
    log_offset: arrived.offset,
    log_index: arrived.index,
    content_hash: arrived.contentHash,
  }
}

export const activityOf = (event: UsageEvent): Activity => activityOfCall(event)

/**
 * Grade of evidence: `unknown` when no factor covers the model or no grid the declared region; `measured` when the
 * provider counted the tokens of a model we know by name in a region the event declares; `estimated` in between.
 */
export function qualityOf(
  event: Pick<UsageEvent, 'tokens_source'>,
  call: Pick<ResolvedCall, 'factorMatch' | 'gridMatch' | 'regionInferred'>,
): UsageRow['quality'] {
  const regionUnknown = call.gridMatch === 'world' && !call.regionInferred
  if (call.factorMatch === 'unknown' || regionUnknown) return 'unknown'
  const known = call.factorMatch !== 'class' && call.gridMatch !== 'inferred' && !call.regionInferred
  return known && event.tokens_source === 'provider' ? 'measured' : 'estimated'
}
