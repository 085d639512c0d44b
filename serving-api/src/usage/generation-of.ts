/** Which generations of recomputations an answer may hold: the one asked for, or the newest that is done. */
import type { ApiContext } from '../context.ts'
import { ApiError } from '../http/api-error.ts'
import type { OrgScope } from '../scope.ts'

/** Null: all there is. @throws ApiError not_found for a generation that is not there, or not any more */
export function generationOf(
  { recomputations }: Pick<ApiContext, 'recomputations'>,
  scope: OrgScope,
  asked?: number,
): number | null {
  if (recomputations !== null) return recomputations.generationMax(scope.orgId, asked)
  if (asked === undefined || asked === 0) return asked ?? null
  throw new ApiError('not_found', `There is no generation ${asked}`, { field: 'generation' })
}
