/** What of a resource the client asked for. `id`, `schemas` and `meta` always come. */
import { canonicalPath } from './attribute-names.ts'

const ALWAYS: ReadonlySet<string> = new Set(['id', 'schemas', 'meta'])

/** Sub-attributes bring their whole attribute. */
function namesOf(list: string): ReadonlySet<string> {
  return new Set(list.split(',').map((name) => canonicalPath(name.trim()).split('.')[0] ?? ''))
}

export function isWanted(query: ReadonlyMap<string, string>, name: string): boolean {
  if (ALWAYS.has(name)) return true
  const [attributes, excluded] = [query.get('attributes'), query.get('excludedAttributes')]
  if (attributes !== undefined && attributes !== '') return namesOf(attributes).has(name)
  return excluded === undefined || !namesOf(excluded).has(name)
}

export function projected(resource: object, query: ReadonlyMap<string, string>): object {
  return Object.fromEntries(Object.entries(resource).filter(([name]) => isWanted(query, name)))
}
