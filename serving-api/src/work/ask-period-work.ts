/** The work of the period that a query names, and the head that every answer about it begins with. */
import type { ApiContext } from '../context.ts'
import type { Filter } from '../parameters/filters.ts'
import type { Point } from '../parameters/times.ts'
import { periodOf } from '../parameters/times.ts'
import type { OrgScope } from '../scope.ts'
import { isoPeriod } from '../time/windows.ts'
import { type AskedFor, askWork, type PlacedWork } from './ask-work.ts'

export interface PeriodQuery {
  readonly from: Point
  readonly to: Point
  readonly tz?: string | undefined
  readonly filter?: readonly Filter[] | undefined
}

export interface PeriodWork {
  readonly placed: readonly PlacedWork[]
  readonly head: { readonly from: string; readonly to: string; readonly tz: string; readonly calls_left_out: number }
}

/** @throws ApiError as periodOf and askWork do */
export async function askPeriodWork(
  context: ApiContext,
  scope: OrgScope,
  query: PeriodQuery,
  wanted: Pick<AskedFor, 'names' | 'ranges'> = {},
): Promise<PeriodWork> {
  const tz = query.tz ?? scope.tz
  const period = periodOf(query.from, query.to, tz)
  const { placed, callsLeftOut } = await askWork(scope, context.factors, {
    tz,
    periods: [period],
    filters: query.filter ?? [],
    ...wanted,
  })
  return { placed, head: { ...isoPeriod(period), tz, calls_left_out: callsLeftOut } }
}
