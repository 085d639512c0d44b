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

/** Tables that BI tools look into before they ask anything; the engine shows only rows about granted tables there. */
export const CATALOG_TABLES = [
  'system.one',
  'system.numbers',
  'system.tables',
  'system.columns',
  'system.databases',
  'information_schema.tables',
  'information_schema.columns',
  'information_schema.schemata',
] as const

/** Columns of the catalog that tell where files lie or how things are made; nobody needs them for a chart. */
export const HIDDEN_CATALOG_COLUMNS = new Set([
  'data_path',
  'data_paths',
  'metadata_path',
  'create_table_query',
  'as_select',
  'engine_full',
  'storage_policy',
  'uuid',
  'loading_dependencies_database',
  'loading_dependencies_table',
  'loading_dependent_database',
  'loading_dependent_table',
  'dependencies_database',
  'dependencies_table',
  'parameterized_view_parameters',
  'definer',
])

/** Functions in the place of a table that read nothing. Not `values`: its columns may have expressions, written as text. */
export const TABLE_FUNCTIONS = new Set(['numbers', 'generate_series', 'generateSeries'])
