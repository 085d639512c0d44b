/** From a SCIM filter to a condition in SQL. Values only ever go in as parameters; attributes only from a table. */
import { type Compare, type Filter, parse } from 'scim2-parse-filter'
import type { DatabaseValue } from '../database/database.ts'
import { lowerCaseSql } from '../database/lower-case.ts'
import { canonicalPath } from './attribute-names.ts'
import { ScimFault } from './messages.ts'

/** How an attribute is asked for: an expression of SQL, or a condition on one of several values at place `$`. */
export type Attribute =
  | { readonly kind: 'text'; readonly sql: string; readonly exact: boolean }
  | { readonly kind: 'boolean' | 'time'; readonly sql: string }
  | { readonly kind: 'several'; readonly anySql: string; readonly equalSql: string }

export type Attributes = Readonly<Record<string, Attribute>>

const LENGTH_MAX = 2000
const TERMS_MAX = 50
const DEPTH_MAX = 20

/** Adds its values to `values`. @throws ScimFault invalidFilter */
export function filterSql(text: string, attributes: Attributes, values: DatabaseValue[]): string {
  if (text.length > LENGTH_MAX) throw invalid(`at most ${LENGTH_MAX} characters are wanted`)
  const budget = { terms: 0 }
  const compile = (filter: Filter, prefix: string, depth: number): string => {
    if (depth > DEPTH_MAX) throw invalid(`at most ${DEPTH_MAX} levels of brackets are wanted`)
    if (++budget.terms > TERMS_MAX) throw invalid(`at most ${TERMS_MAX} terms are wanted`)
    switch (filter.op) {
      case 'and':
      case 'or':
        return `(${filter.filters.map((f) => compile(f, prefix, depth + 1)).join(` ${filter.op.toUpperCase()} `)})`
      case 'not':
        return `NOT ${compile(filter.filter, prefix, depth + 1)}`
      case '[]':
        return compile(filter.valFilter, `${canonicalPath(filter.attrPath)}.`, depth + 1)
      case 'pr':
        return presentSql(attributeOf(attributes, prefix + filter.attrPath))
      default:
        return compareSql(attributeOf(attributes, prefix + filter.attrPath), filter, values)
    }
  }
  return compile(parsed(text), '', 0)
}

function parsed(text: string): Filter {
  try {
    return parse(text)
  } catch {
    throw invalid('it can not be read')
  }
}

const invalid = (why: string) => new ScimFault('invalidFilter', `filter: ${why}`, { field: 'filter' })

function attributeOf(attributes: Attributes, path: string): Attribute {
  const name = canonicalPath(path)
  const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined
  if (attribute === undefined) throw invalid(`known are ${Object.keys(attributes).join(', ')}`)
  return attribute
}

const presentSql = (attribute: Attribute): string =>
  attribute.kind === 'several' ? attribute.anySql : `(${attribute.sql}) IS NOT NULL`

function compareSql(attribute: Attribute, { op, compValue }: Compare, values: DatabaseValue[]): string {
  if (compValue === null) return nullSql(attribute, op)
  switch (attribute.kind) {
    case 'several':
      if (op !== 'eq' || typeof compValue !== 'string') throw invalid('eq and pr are known for this attribute')
      return attribute.equalSql.replaceAll('$', `$${values.push(compValue)}`)
    case 'boolean': {
      const flag = typeof compValue === 'string' ? BOOLEANS.get(compValue.toLowerCase()) : compValue
      if (typeof flag !== 'boolean' || (op !== 'eq' && op !== 'ne')) throw invalid('eq true or false is wanted')
      return `(${attribute.sql}) ${op === 'eq' ? '=' : '<>'} $${values.push(flag)}`
    }
    case 'time': {
      const at = new Date(typeof compValue === 'string' ? compValue : Number.NaN)
      if (Number.isNaN(at.getTime())) throw invalid('a time is wanted')
      return `(${attribute.sql}) ${orderOf(op)} $${values.push(at)}`
    }
    case 'text':
      return textSql(attribute, op, String(compValue), values)
  }
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
])

function nullSql(attribute: Attribute, op: Compare['op']): string {
  if (op === 'eq') return `NOT ${presentSql(attribute)}`
  if (op === 'ne') return presentSql(attribute)
  throw invalid('null can only be compared by eq and ne')
}

function textSql(
  { sql, exact }: { readonly sql: string; readonly exact: boolean },
  op: Compare['op'],
  wanted: string,
  values: DatabaseValue[],
): string {
  const left = exact ? `(${sql})` : lowerCaseSql(`(${sql})`)
  const place = `$${values.push(wanted)}`
  const right = exact ? `${place}::text` : lowerCaseSql(place)
  return `coalesce(${matchSql(left, right, op)}, false)`
}

/** `left` and `right` are texts. */
function matchSql(left: string, right: string, op: Compare['op']): string {
  switch (op) {
    case 'eq':
      return `${left} = ${right}`
    case 'ne':
      return `${left} <> ${right}`
    case 'co':
      return `strpos(${left}, ${right}) > 0`
    case 'sw':
      return `starts_with(${left}, ${right})`
    case 'ew':
      return `right(${left}, length(${right})) = ${right}`
    default:
      return `${left} COLLATE "C" ${orderOf(op)} ${right}`
  }
}

const ORDERS: Readonly<Partial<Record<Compare['op'], string>>> = {
  eq: '=',
  ne: '<>',
  gt: '>',
  ge: '>=',
  lt: '<',
  le: '<=',
}

function orderOf(op: Compare['op']): string {
  const order = ORDERS[op]
  if (order === undefined) throw invalid(`${op} is not known for this attribute`)
  return order
}
