/** What analysts may read. The names are promised in the contract (section 7); everything else is refused by name. */
export const ANALYST_TABLES = [
  'usage_events',
  'usage_1m',
  'usage_15m',
  'usage_1h',
  'usage_1d',
  'quarantine',
  'factors',
  'grids',
] as const

export type AnalystTable = (typeof ANALYST_TABLES)[number]

/** Tables of the engine that hold no data of anybody. */
export const EMPTY_TABLES = ['system.one', 'system.numbers'] as const

/** Functions in the place of a table that read nothing. Not `values`: its columns may have expressions, written as text. */
export const TABLE_FUNCTIONS = new Set(['numbers', 'generate_series', 'generateSeries'])
