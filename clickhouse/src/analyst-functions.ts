/** The functions analysts may call: whole families that only compute on their arguments, and a few by name. */
import type { ClickHouse } from './clickhouse.ts'

/** Families of `system.functions.categories` (26.7) that touch no file, network, dictionary, setting or server state. */
const FAMILIES = [
  'Arithmetic',
  'Arrays',
  'Bit',
  'Bitmap',
  'Comparison',
  'Conditional',
  'Dates and Times',
  'Distance',
  'Encoding',
  'Financial',
  'Geo',
  'Hash',
  'IP Address',
  'JSON',
  'Logical',
  'Map',
  'Mathematical',
  'Null',
  'Random Number',
  'Rounding',
  'String',
  'String Replacement',
  'String Search',
  'String Splitting',
  'Time Window',
  'Tuple',
  'Type Conversion',
  'URL',
  'UUID',
]

/** Of the mixed family `Other`, what charts and drivers use. */
const SINGLE = [
  'bar',
  'countDigits',
  'currentDatabase',
  'currentUser',
  'finalizeAggregation',
  'formatReadableDecimalSize',
  'formatReadableQuantity',
  'formatReadableSize',
  'formatReadableTimeDelta',
  'identity',
  'ignore',
  'isDecimalOverflow',
  'materialize',
  'toTypeName',
  'transform',
  'version',
]

/** Written by the parser, or outside the catalog. */
const SYNTAX = ['lambda', 'exists', 'grouping', 'untuple', 'caseWithExpression', 'columns']

/** In an allowed family, but they give server state away, stop the clock, or put values of rows into errors. */
const REFUSED = new Set([
  'throwif',
  'aggthrow',
  'sleep',
  'sleepeachrow',
  'chdb',
  'file',
  'flamegraph',
  'generatesnowflakeid',
])

/** Endings that make a new aggregate function of a known one. */
const COMBINATORS =
  /(?:If|Array|Map|SimpleState|State|Merge|MergeState|ForEach|Distinct|OrDefault|OrNull|Resample|ArgMin|ArgMax)$/

export class AnalystFunctions {
  readonly #names: ReadonlySet<string>
  readonly #anyCase: ReadonlySet<string>
  readonly #aggregates: ReadonlySet<string>
  readonly #catalog: ReadonlySet<string>

  /** `catalog` holds every name that the engine knows, allowed or not. */
  constructor(
    names: Iterable<string>,
    anyCase: Iterable<string>,
    aggregates: Iterable<string>,
    catalog: Iterable<string>,
  ) {
    this.#names = new Set(names)
    this.#anyCase = new Set([...anyCase].map((name) => name.toLowerCase()))
    this.#aggregates = new Set([...aggregates].map((name) => name.toLowerCase()))
    this.#catalog = new Set([...catalog].map((name) => name.toLowerCase()))
  }

  allows(name: string): boolean {
    const lower = name.toLowerCase()
    if (REFUSED.has(lower)) return false
    return this.#names.has(name) || this.#anyCase.has(lower) || this.#isAggregate(name)
  }

  /**
   * True for a plain name that the engine could take for a function that is not allowed: `arrayMap(file, paths)` calls
   * `file` without a function in the parse tree.
   */
  refusesAsName(name: string): boolean {
    return this.#catalog.has(name.toLowerCase()) && !this.allows(name)
  }

  #isAggregate(name: string): boolean {
    for (let rest = name; ; ) {
      const lower = rest.toLowerCase()
      if (REFUSED.has(lower)) return false
      if (this.#aggregates.has(lower)) return true
      const shorter = rest.replace(COMBINATORS, '')
      if (shorter === rest || shorter === '') return false
      rest = shorter
    }
  }
}

interface FunctionRow {
  readonly name: string
  readonly family: string
  readonly alias_to: string
  readonly is_aggregate: number
  readonly case_insensitive: number
}

/** Reads the engine's catalog once; an alias is allowed when what it stands for is. */
export async function readAnalystFunctions(ch: ClickHouse): Promise<AnalystFunctions> {
  const rows = await ch.query<FunctionRow>({
    text: `SELECT name, toString(categories) AS family, alias_to, is_aggregate, case_insensitive FROM system.functions`,
  })
  const families = new Set(FAMILIES)
  const single = new Set(SINGLE)
  const direct = new Set(rows.filter((r) => families.has(r.family) || single.has(r.name)).map((r) => r.name))
  const aggregates = new Set(rows.filter((r) => Number(r.is_aggregate) === 1).map((r) => r.name))
  const allowed = rows.filter((r) => direct.has(r.name) || direct.has(r.alias_to))
  const anyCase = allowed.filter((r) => Number(r.case_insensitive) === 1).map((r) => r.name)
  const aliases = rows.filter((r) => aggregates.has(r.alias_to)).map((r) => r.name)
  const names = [...allowed.map((r) => r.name), ...SYNTAX]
  const catalog = rows.map((r) => r.name)
  return new AnalystFunctions(names, anyCase, [...aggregates, ...aliases], catalog)
}
