/** `user_id` and `team_id` as parameters of their own are filters like any other. */
import type { Filter } from './filters.ts'

interface OwnerParameters {
  readonly user_id?: string | undefined
  readonly team_id?: string | undefined
  readonly filter?: readonly Filter[] | undefined
}

/**
 * A parameter and a filter of the same field must both hold, while two filters are alternatives; a user that the
 * filters leave out matches nothing, which an unmatchable value says.
 */
export function ownerFilters({ user_id, team_id, filter = [] }: OwnerParameters): readonly Filter[] {
  return [...narrow(narrow(filter, 'user_id', user_id), 'team_id', team_id)]
}

function narrow(
  filters: readonly Filter[],
  field: 'user_id' | 'team_id',
  value: string | undefined,
): readonly Filter[] {
  if (value === undefined) return filters
  const kept = filters.filter((f) => f.field === field && f.keep)
  const others = filters.filter((f) => f.field !== field || !f.keep)
  const allowed = kept.length === 0 || kept.some((f) => f.value === value)
  if (allowed) return [...others, { field, keep: true, value }]
  return [...others, { field, keep: true, value }, { field, keep: false, value }]
}
