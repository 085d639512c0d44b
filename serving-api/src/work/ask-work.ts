/** Work of a period with the very records it was computed with: what scenarios, explanations and second numbers start from. */
import type { Factor, FactorSet, Grid } from '@ecomind/footprint'
import type { FactorLibrary } from '../factor-library.ts'
import type { Filter } from '../parameters/filters.ts'
import { type WorkRow, workQuestion } from '../questions/work.ts'
import type { OrgScope } from '../scope.ts'
import { coarsestGrainMs, coverPeriod } from '../time/grain-cover.ts'
import type { Period } from '../time/windows.ts'

/** Combinations of model, region, factor and grid that one answer looks at. */
export const WORK_ROWS_MAX = 20_000

export interface PlacedWork extends Omit<WorkRow, 'named'> {
  /** As the events named them; those of the records where names were not asked for. */
  readonly provider: string
  readonly model: string
  readonly region: string
  /** Last millisecond of its period: what an organisation overrides at that time applies to what it is compared with. */
  readonly lastMs: number
  readonly set: FactorSet
  readonly factor: Factor
  readonly grid: Grid
}

export interface AskedWork {
  readonly placed: readonly PlacedWork[]
  /** Calls of rows whose set, factor or grid is not in the database. */
  readonly callsLeftOut: number
}

export interface AskedFor {
  readonly tz: string
  readonly periods: readonly Period[]
  readonly filters: readonly Filter[]
  /** Default false: whoever needs neither names nor ranges gets a far faster answer. */
  readonly names?: boolean
  readonly ranges?: boolean
}

/** One question for all periods. @throws ApiError result_too_large, and whatever the scope throws */
export async function askWork(
  scope: OrgScope,
  factors: FactorLibrary,
  { tz, periods, filters, names = false, ranges = false }: AskedFor,
): Promise<AskedWork> {
  const segments = periods.map((p) => coverPeriod(p, coarsestGrainMs(undefined, tz, p)))
  const rows = await scope.ask(workQuestion({ periods: segments, filters, names, ranges, rowsMax: WORK_ROWS_MAX }))
  const sets = new Map<string, FactorSet | null>()
  for (const id of new Set(rows.map((r) => r.factorSet))) sets.set(id, await factors.get(id))
  const placed: PlacedWork[] = []
  let callsLeftOut = 0
  for (const { named, ...row } of rows) {
    const set = sets.get(row.factorSet)
    const factor = set?.factorById(row.factorId)
    const grid = set?.gridById(row.gridId)
    if (set === null || set === undefined || factor === undefined || grid === undefined)
      callsLeftOut += row.activity.calls
    else {
      const nameOf = named ?? { provider: factor.provider, model: factor.model, region: grid.id }
      placed.push({ ...row, ...nameOf, lastMs: (periods[row.period]?.toMs ?? 0) - 1, set, factor, grid })
    }
  }
  return { placed, callsLeftOut }
}
