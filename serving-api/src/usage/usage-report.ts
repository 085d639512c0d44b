/** Usage of a period as rows and totals: plans the question, asks it, and puts ranges, status and empty windows right. */
import type { GroupField, Numbers, UsageItem, WindowSize } from '@ecomind/schemas'
import { ApiError } from '../http/api-error.ts'
import { statusOf } from '../numbers/status.ts'
import { type KinshipOf, UsageSums } from '../numbers/usage-sums.ts'
import type { Filter } from '../parameters/filters.ts'
import { type Among, type UsageRow, usageQuestion } from '../questions/usage.ts'
import type { OrgScope } from '../scope.ts'
import { coarsestGrainMs, coverPeriod } from '../time/grain-cover.ts'
import { bucketingOf, countWindows, type Period, type TimeWindow, windowsOf } from '../time/windows.ts'

/** Items of one answer. A page of charts needs a few thousand; 30 days of minutes are 43,200. */
export const USAGE_ITEMS_MAX = 50_000

export interface UsageRequest {
  readonly period: Period
  readonly tz: string
  /** Undefined: one row per group for the whole period. */
  readonly window: WindowSize | undefined
  readonly groupBy: readonly GroupField[]
  readonly filters: readonly Filter[]
  /** Only these groups (largest-groups.ts). */
  readonly among?: Among
  /** Newest generation of recomputations in the answer; null or absent: all there is. */
  readonly generationMax?: number | null
}

/** What statuses and ranges need to know besides the rows. */
export interface ReportBasis {
  readonly watermarkMs: number | null
  readonly latenessMs: number
  readonly kinshipsOf: (rows: readonly UsageRow[]) => Promise<KinshipOf>
}

export interface UsageReport {
  readonly items: readonly UsageItem[]
  readonly totals: Numbers
}

/** Numbers are read from their text once, for items and totals. */
interface SummedRow extends UsageRow {
  readonly summed: UsageSums
}

function summed(row: UsageRow): SummedRow {
  const sums = new UsageSums()
  sums.add(row.factors)
  return { ...row, summed: sums }
}

/** Rows as they were asked, from which items and totals of the whole or of a part are made. */
export class AnsweredUsage {
  readonly #request: UsageRequest
  readonly #rows: readonly SummedRow[]
  readonly #basis: ReportBasis
  readonly #kinshipOf: KinshipOf

  constructor(request: UsageRequest, rows: readonly UsageRow[], basis: ReportBasis, kinshipOf: KinshipOf) {
    this.#request = request
    this.#rows = rows.map(summed)
    this.#basis = basis
    this.#kinshipOf = kinshipOf
  }

  items(): readonly UsageItem[] {
    const toItem = (window: TimeWindow, row: SummedRow | undefined): UsageItem =>
      makeItem(window, row, this.#basis, this.#kinshipOf)
    const fill = this.#request.groupBy.length === 0 ? everyWindow : onlyPresent
    return fill(this.#request, this.#rows, toItem)
  }

  /** Of the rows whose bucket is `fromBucket` or later. */
  totals(fromBucket = Number.NEGATIVE_INFINITY): Numbers {
    const sums = new UsageSums()
    for (const row of this.#rows) if (row.bucket >= fromBucket) sums.include(row.summed)
    return sums.toNumbers(this.#kinshipOf)
  }
}

/** @throws ApiError result_too_large, and whatever the scope throws */
export async function askUsage(scope: OrgScope, basis: ReportBasis, request: UsageRequest): Promise<AnsweredUsage> {
  if (request.groupBy.length === 0) refuseTooManyWindows(request)
  const { period, tz, window } = request
  const rows = await scope.ask(
    usageQuestion({
      segments: coverPeriod(period, coarsestGrainMs(window, tz, period)),
      bucketing: bucketingOf(window, tz, period),
      groupBy: request.groupBy,
      filters: request.filters,
      ...(request.among === undefined ? {} : { among: request.among }),
      generationMax: request.generationMax ?? null,
      rowsMax: USAGE_ITEMS_MAX,
    }),
  )
  return new AnsweredUsage(request, rows, basis, await basis.kinshipsOf(rows))
}

export async function reportUsage(scope: OrgScope, basis: ReportBasis, request: UsageRequest): Promise<UsageReport> {
  const answered = await askUsage(scope, basis, request)
  return { items: answered.items(), totals: answered.totals() }
}

/** The numbers of nothing. */
export function noUsage(): Numbers {
  return new UsageSums().toNumbers((_, id) => ({ class: id, model: id }))
}

/** Without groups every window gets a row, so that charts have aligned points; empty ones are zeros. */
function everyWindow(
  { window, tz, period }: UsageRequest,
  rows: readonly SummedRow[],
  toItem: (window: TimeWindow, row: SummedRow | undefined) => UsageItem,
): UsageItem[] {
  const byBucket = new Map(rows.map((r) => [r.bucket, r]))
  return windowsOf(window, tz, period).map((w) => toItem(w, byBucket.get(w.bucket)))
}

/** With groups only what exists: filling every group in every window would be mostly zeros. */
function onlyPresent(
  { window, tz, period }: UsageRequest,
  rows: readonly SummedRow[],
  toItem: (window: TimeWindow, row: SummedRow | undefined) => UsageItem,
): UsageItem[] {
  const windows = new Map(windowsOf(window, tz, period).map((w) => [w.bucket, w]))
  return rows.map((row) => {
    const found = windows.get(row.bucket)
    if (found === undefined) throw new RangeError(`report usage: bucket ${row.bucket} lies outside of the period`)
    return toItem(found, row)
  })
}

function makeItem(
  window: TimeWindow,
  row: SummedRow | undefined,
  { watermarkMs, latenessMs }: ReportBasis,
  kinshipOf: KinshipOf,
): UsageItem {
  const sums = row?.summed ?? new UsageSums()
  const loadedAtWatermarkMs = row?.loadedAtWatermarkMs ?? null
  return {
    window_start: new Date(window.fromMs).toISOString(),
    window_end: new Date(window.toMs).toISOString(),
    status: statusOf({ windowEndMs: window.toMs, watermarkMs, loadedAtWatermarkMs, latenessMs }),
    ...row?.groups,
    ...sums.toNumbers(kinshipOf),
  }
}

/** @throws ApiError result_too_large */
export function refuseTooManyWindows({ window, period }: Pick<UsageRequest, 'window' | 'period'>): void {
  const count = countWindows(window, period)
  if (count <= USAGE_ITEMS_MAX) return
  const fitting = (['1m', '15m', '1h', '1d'] as const).find((w) => countWindows(w, period) <= USAGE_ITEMS_MAX)
  throw new ApiError(
    'result_too_large',
    `${count} windows of ${window} lie in the period, at most ${USAGE_ITEMS_MAX} are answered; use window=${fitting ?? '1d'} or a shorter period`,
    { field: 'window' },
  )
}
