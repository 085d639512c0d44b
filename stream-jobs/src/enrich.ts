/**
 * Rows of usage_events, one object an event: the plain way. Loading uses enrich-columns.ts, which is tested against this.
 * Pure: no clock, no I/O, nothing but the event, its position and the factors.
 */
import type { UsageRow } from '@ecomind/clickhouse'
import { noActivity, ResolutionCache, UNIT_NAMES, writeActivity } from '@ecomind/footprint'
import type { UsageEvent } from '@ecomind/schemas'
import type { FootprintModel, OrgFactors, ResolvedCall } from './footprint-model.ts'
import type { BatchPosition } from './ledger.ts'

/** One event and where it came from. */
export interface ArrivedEvent {
  readonly event: UsageEvent
  /** CRC-32 of the event's Avro bytes. */
  readonly contentHash: number
  /** Epoch milliseconds, from the head of its batch. */
  readonly arrivedAtMs: number
  readonly offset: number
  readonly index: number
}

export interface EnrichContext extends BatchPosition {
  /** Global watermark when the intent was written, epoch milliseconds; null before any is known. */
  readonly watermarkMs: number | null
}

/** Distinct names kept; beyond it a cache begins anew, which only costs time. */
const CACHE_ENTRIES_MAX = 10_000
const ORGANISATIONS_MAX = 10_000

/** What was resolved for one organisation, in each of the periods between two changes of its overrides. */
interface Resolved {
  readonly factors: OrgFactors
  readonly byPeriod: ResolutionCache<ResolvedCall>[]
}

/** Remembers how calls were resolved. One per model. An event costs its row and no other object. */
export function createEnricher(model: FootprintModel): (arrived: ArrivedEvent, context: EnrichContext) => UsageRow {
  const byFactors = new Map<OrgFactors, Resolved>()
  const byOrg = new Map<string, Resolved>()
  const activity = noActivity()
  const units = new Float64Array(UNIT_NAMES.length)

  const resolvedOf = (orgId: string): Resolved => {
    if (byOrg.size >= ORGANISATIONS_MAX) {
      byOrg.clear()
      byFactors.clear()
    }
    const factors = model.factorsOf(orgId)
    const resolved = byFactors.get(factors) ?? { factors, byPeriod: [] }
    byFactors.set(factors, resolved)
    byOrg.set(orgId, resolved)
    return resolved
  }
  return (arrived, context) => {
    const { event } = arrived
    const resolved = byOrg.get(event.org_id) ?? resolvedOf(event.org_id)
    const call = callOf(resolved, event)
    writeActivity(activity, event)
    call.computeInto(activity, units)
    return usageRow(arrived, call, resolved.factors.factorSet, units, context)
  }
}

function callOf({ factors, byPeriod }: Resolved, event: UsageEvent): ResolvedCall {
  const { provider, model, region, service_tier: tier, ts } = event
  const period = periodOf(factors.changesMs, ts)
  let cache = byPeriod[period]
  if (cache === undefined) {
    cache = new ResolutionCache(CACHE_ENTRIES_MAX)
    byPeriod[period] = cache
  }
  const known = cache.get(provider, model, region, tier)
  if (known !== undefined) return known
  const call = factors.resolve(provider, model, region, tier, ts)
  cache.set(provider, model, region, tier, call)
  return call
}

/** How many of the changes, which ascend, lie at or before the time. */
export function periodOf(changesMs: readonly number[], tsMs: number): number {
  let from = 0
  let to = changesMs.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((changesMs[middle] ?? Number.POSITIVE_INFINITY) <= tsMs) from = middle + 1
    else to = middle
  }
  return from
}

function usageRow(
  arrived: ArrivedEvent,
  call: ResolvedCall,
  factorSet: string,
  units: Float64Array,
  context: EnrichContext,
): UsageRow {
  const { event } = arrived
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
    coefficients: call.coefficients,
    // In the order of UNIT_NAMES.
    kwh: units[0] as number,
    kwh_low: units[1] as number,
    kwh_high: units[2] as number,
    water_l: units[3] as number,
    water_l_low: units[4] as number,
    water_l_high: units[5] as number,
    water_l_onsite: units[6] as number,
    co2_kg: units[7] as number,
    co2_kg_low: units[8] as number,
    co2_kg_high: units[9] as number,
    co2_kg_use: units[10] as number,
    watermark_at: Math.max(0, Math.floor((context.watermarkMs ?? 0) / 1000)),
    log_generation: context.generation,
    log_partition: context.partition,
    log_offset: arrived.offset,
    log_index: arrived.index,
    content_hash: arrived.contentHash,
  }
}

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
