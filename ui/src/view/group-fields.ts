/** The fields one can group and filter by. A copy of GROUP_FIELDS in @ecomind/schemas, whose module would bring zod into the bundle; `satisfies` and a test keep the two alike. */
import type { GroupField } from '@ecomind/schemas'

export type { GroupField }

export const GROUP_FIELDS = [
  'provider',
  'model',
  'region',
  'team_id',
  'user_id',
  'source',
  'project_id',
] as const satisfies readonly GroupField[]

/** A value as the page shows it; events need not state every field. */
export function valueText(value: string): string {
  return value === '' ? 'not stated' : value
}

export const GROUP_TEXT: Readonly<Record<GroupField, string>> = {
  provider: 'Provider',
  model: 'Model',
  region: 'Region',
  team_id: 'Team',
  user_id: 'User',
  source: 'Source',
  project_id: 'Project',
}
