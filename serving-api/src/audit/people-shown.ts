/** Which requests show personal data in the clear, decided from the right they needed, so that no route is forgotten. */
import type { Permission } from '../access/roles.ts'
import { readQueryString } from '../http/query-string.ts'
import { parseField, parseFilter } from '../parameters/filters.ts'
import type { OrgScope } from '../scope.ts'

/** `pseudonyms`: no one is named where the organisation shows this role pseudonyms. */
const SHOWS_PEOPLE: Partial<Record<Permission, 'always' | 'unless pseudonyms' | 'when asked for'>> = {
  'events:read': 'unless pseudonyms',
  'usage:read': 'when asked for',
  'quarantine:read': 'always',
  'sql:run': 'always',
  'users:read': 'always',
  'audits:read': 'always',
}

/** Null: nobody but the asker is shown. Else whose data, where the request names one person or thing. */
export function peopleShown(
  scope: OrgScope,
  permission: Permission,
  url: string,
  id: string | undefined,
): { readonly subject: string | null } | null {
  const shows = SHOWS_PEOPLE[permission]
  if (shows === undefined) return null
  if (shows !== 'always' && (scope.view.pseudonymKey !== null || isOwnOnly(scope))) return null
  const asked = askedFor(url)
  if (shows === 'when asked for' && asked.userId === null && !asked.byPerson) return null
  return { subject: id ?? asked.userId }
}

function isOwnOnly({ view: { rows } }: OrgScope): boolean {
  return rows.kind === 'some' && rows.teamIds.length === 0 && rows.projectIds.length === 0
}

/** Of a query string that was found valid before. */
function askedFor(url: string): { readonly userId: string | null; readonly byPerson: boolean } {
  const values = readQueryString(url)
  const filtered = (values.get('filter') ?? [])
    .map(parseFilter)
    .filter((f) => typeof f !== 'string')
    .find((f) => f.field === 'user_id' && f.keep)
  const groups = (values.get('group_by')?.[0] ?? '').split(',').map((name) => parseField(name.trim()))
  return { userId: values.get('user_id')?.[0] ?? filtered?.value ?? null, byPerson: groups.includes('user_id') }
}
