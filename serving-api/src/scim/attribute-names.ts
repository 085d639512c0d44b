/** Attribute names, which SCIM writes in any case and sometimes behind the name of their schema. */
import { GROUP_SCHEMA, ScimFault, USER_SCHEMA } from './messages.ts'

const NAMES = [
  'schemas',
  'id',
  'externalId',
  'userName',
  'displayName',
  'name',
  'formatted',
  'givenName',
  'familyName',
  'emails',
  'value',
  'type',
  'primary',
  'active',
  'groups',
  'members',
  'meta',
  'created',
  'lastModified',
]
const BY_LOWER: ReadonlyMap<string, string> = new Map(NAMES.map((name) => [name.toLowerCase(), name]))
const CORE = new RegExp(`^(?:${[USER_SCHEMA, GROUP_SCHEMA].map((s) => s.replaceAll('.', '\\.')).join('|')}):`, 'i')

/** `NAME.givenname` becomes `name.givenName`; what is not known stays as it is. */
export function canonicalPath(path: string): string {
  const bare = path.replace(CORE, '')
  if (bare.startsWith('urn:')) return bare
  return bare
    .split('.')
    .map((part) => BY_LOWER.get(part.toLowerCase()) ?? part)
    .join('.')
}

/** Resources of SCIM have three levels. */
const DEPTH_MAX = 20

/** The keys of an object and of what is in it, made canonical. @throws ScimFault invalidSyntax for one without end */
export function canonicalKeys(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > DEPTH_MAX) throw new ScimFault('invalidSyntax', `body: at most ${DEPTH_MAX} levels are wanted`)
  if (Array.isArray(value)) return value.map((inner) => canonicalKeys(inner, depth + 1))
  const entries = Object.entries(value)
  return Object.fromEntries(entries.map(([key, inner]) => [canonicalPath(key), canonicalKeys(inner, depth + 1)]))
}
