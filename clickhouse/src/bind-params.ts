/**
 * Puts bound values into a statement's text as typed literals: `{name:Type}` -> `CAST('value', 'Type')`.
 *
 * Why not the engine's own binding: chdb keeps bound parameters in a state that all connections of a process share and
 * therefore runs every statement with parameters one after the other (chdb 3.4.0, index.js `runExclusiveParam`; two
 * 6 s statements on two connections took 12.9 s with parameters and 6.5 s without). An analyst's slow statement would
 * stop the loader. A typed literal made here is as safe: each value is escaped and can't leave its quotes.
 */
import type { QueryParam } from './clickhouse.ts'
import { quoteString } from './sql-literals.ts'

/** Strings, quoted names, comments and here-documents, which are copied as they are; then a placeholder. */
const TOKEN =
  /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`\\]|\\.|``)*`|--[^\n]*|#[ !][^\n]*|\/\*[\s\S]*?\*\/|\$(\w*)\$[\s\S]*?\$\1\$|\{\s*([A-Za-z_]\w*)\s*:\s*([^{}]+?)\s*\}/g
const TYPE = /^[A-Za-z][A-Za-z0-9_]*(?:\([A-Za-z0-9_(), '/]*\))?$/

/**
 * `escaped`: strings are as ClickHouse's HTTP interface takes them in `param_x`: tab-separated escapes for single values
 * (`\\N` is null), literals for lists, maps and tuples.
 */
export type ParamForm = 'plain' | 'escaped'

const UNESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', b: '\b', f: '\f', '0': '\0' }

function unescapeParam(type: string, value: string): string | null {
  if (/^(Array|Map|Tuple|Nested)\(/.test(type)) return value
  if (value === '\\N') return null
  return value.replace(/\\(.)/gs, (_, c: string) => UNESCAPES[c] ?? c)
}

/**
 * @throws RangeError when a placeholder has no value, a value has no placeholder, or a value has no literal form
 */
export function bindParams(
  text: string,
  params: Readonly<Record<string, QueryParam>> = {},
  form: ParamForm = 'plain',
): string {
  const used = new Set<string>()
  const bound = text.replace(TOKEN, (token: string, _tag: unknown, name?: string, type?: string) => {
    if (name === undefined || type === undefined) return token
    used.add(name)
    return literalOf(name, type, params, form)
  })
  // A server ignores what a statement doesn't ask for; from our own code it is a mistake.
  const unused = form === 'plain' ? Object.keys(params).filter((name) => !used.has(name)) : []
  if (unused.length > 0) throw new RangeError(`bind params: no placeholder for ${unused.join(', ')}`)
  return bound
}

function literalOf(name: string, type: string, params: Readonly<Record<string, QueryParam>>, form: ParamForm): string {
  if (!Object.hasOwn(params, name)) throw new RangeError(`bind params: no value for ${name}`)
  const given = params[name] ?? null
  const value = form === 'escaped' && typeof given === 'string' ? unescapeParam(type, given) : given
  if (!TYPE.test(type)) throw new RangeError(`bind params: ${name} has the unusable type ${JSON.stringify(type)}`)
  if (type === 'Identifier') return identifierOf(name, value)
  return `CAST(${valueText(name, type, value)}, ${quoteString(type)})`
}

function identifierOf(name: string, value: QueryParam): string {
  if (typeof value !== 'string' || !/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)?$/.test(value)) {
    throw new RangeError(`bind params: ${name} is not a plain identifier`)
  }
  return value
    .split('.')
    .map((part) => `\`${part}\``)
    .join('.')
}

function valueText(name: string, type: string, value: QueryParam): string {
  if (value === null) return 'NULL'
  if (typeof value === 'string') return quoteString(value)
  if (typeof value === 'number') return quoteString(numberText(name, value))
  if (typeof value === 'boolean') return value ? "'true'" : "'false'"
  if (value instanceof Date) return quoteString(dateText(name, type, value))
  const items = value.map((item) => (typeof item === 'number' ? numberText(name, item) : quoteString(item)))
  return `[${items.join(', ')}]`
}

function numberText(name: string, value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`bind params: ${name} is ${value}, not a finite number`)
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new RangeError(`bind params: ${name} is ${value}, beyond 2^53; send it as a string`)
  }
  return String(value)
}

/** In UTC; statements run with session_timezone UTC, so a type without a zone means the same. */
function dateText(name: string, type: string, value: Date): string {
  if (Number.isNaN(value.getTime())) throw new RangeError(`bind params: ${name} is an invalid date`)
  const iso = value.toISOString()
  if (/^(Nullable\()?Date(32)?\b/.test(type)) return iso.slice(0, 10)
  const digits = /DateTime64/.test(type) ? 23 : 19
  return iso.slice(0, digits).replace('T', ' ')
}
