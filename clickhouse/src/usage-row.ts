/** One row of `usage_events` as the loader makes it. Column names and order are those of the table. */
export interface UsageRow {
  readonly org_id: string
  readonly event_id: string
  readonly user_id: string
  readonly team_id: string
  readonly project_id: string
  readonly source: string
  readonly provider: string
  readonly model: string
  /** As the client sent it, or the provider's default serving region when `region_inferred`. */
  readonly region: string
  readonly region_inferred: boolean
  /** Epoch milliseconds. */
  readonly ts: number
  /** Epoch milliseconds. */
  readonly arrived_at: number
  readonly tokens_in: number
  readonly tokens_out: number
  readonly tokens_cache_read: number
  readonly tokens_cache_write: number
  readonly tokens_reasoning: number
  readonly reasoning_separate: boolean
  readonly latency_ms: number | null
  readonly tokens_source: string
  readonly service_tier: string
  readonly tags: Readonly<Record<string, string>>
  readonly factor_set: string
  readonly factor_id: string
  readonly factor_match: string
  readonly grid_id: string
  readonly grid_match: string
  readonly quality: 'measured' | 'estimated' | 'unknown'
  /**
   * What the numbers below are computed with, as footprint-columns.ts lays it out; the same object for rows of one factor
   * and grid. Left out: the numbers are stored themselves.
   */
  readonly coefficients?: Uint8Array
  /** Integers in 1e-12 kWh, litre or kg, at most 2^53. */
  readonly kwh: number
  readonly kwh_low: number
  readonly kwh_high: number
  readonly water_l: number
  readonly water_l_low: number
  readonly water_l_high: number
  readonly water_l_onsite: number
  readonly co2_kg: number
  readonly co2_kg_low: number
  readonly co2_kg_high: number
  readonly co2_kg_use: number
  /** Epoch seconds: the global watermark when the row was loaded. */
  readonly watermark_at: number
  readonly log_generation: number
  readonly log_partition: number
  readonly log_offset: number
  readonly log_index: number
  /** CRC-32 of the event's Avro bytes. */
  readonly content_hash: number
}

export interface QuarantineRow {
  readonly org_id: string
  readonly event_id: string
  readonly reason: string
  readonly detail: string
  /** Base64 of the event's or the record's bytes. */
  readonly raw: string
  readonly schema_id: number
  /** Epoch milliseconds; 0 when not known. */
  readonly arrived_at: number
  readonly log_generation: number
  readonly log_partition: number
  readonly log_offset: number
  readonly log_index: number
}

/** Counts of one loader batch for one organisation and hour of arrival. Replays may count negative. */
export interface LedgerRow {
  readonly org_id: string
  /** Epoch seconds, start of the hour of arrival. */
  readonly hour: number
  readonly log_generation: number
  readonly log_partition: number
  /** First offset of the batch. */
  readonly log_offset: number
  readonly accepted: number
  readonly stored: number
  readonly duplicate: number
  readonly quarantined: number
}

/** What became of a quarantined event that was replayed; the position is that of its quarantine row. */
export interface ReplayRow {
  readonly org_id: string
  readonly log_generation: number
  readonly log_partition: number
  readonly log_offset: number
  readonly log_index: number
  /** The id it was stored under; its own, or a new one after an id conflict. */
  readonly event_id: string
  /** 'appended': back in the log, not judged again yet. */
  readonly outcome: 'appended' | 'stored' | 'duplicate' | 'quarantined'
  /** Epoch milliseconds. */
  readonly replayed_at: number
}
