/**
 * What BI tools look into before they ask anything: tables, columns and databases, as if there were one database
 * `ecomind` with the tables of analysts. Sizes, paths and definitions are not in it.
 */
import { ANALYST_TABLES } from './analyst-tables.ts'
import { quoteString } from './sql-literals.ts'

/** Name under which a statement asks, lower case, and the view that answers. */
export const CATALOG_NAMES: ReadonlyMap<string, string> = new Map([
  ['system.tables', 'catalog_tables'],
  ['system.columns', 'catalog_columns'],
  ['system.databases', 'catalog_databases'],
  ['information_schema.tables', 'standard_tables'],
  ['information_schema.columns', 'standard_columns'],
  ['information_schema.schemata', 'standard_schemata'],
])

/** Name and SELECT of each view over the catalogue of `database`. */
export function catalogViews(database: string): Readonly<Record<string, string>> {
  const names = ANALYST_TABLES.map(quoteString).join(', ')
  const tables = `FROM system.tables AS t WHERE t.database = ${quoteString(database)} AND t.name IN (${names})`
  const columns = `FROM system.columns AS c WHERE c.database = ${quoteString(database)} AND c.table IN (${names})`
  return {
    catalog_databases: `SELECT 'ecomind' AS name, 'Atomic' AS engine, '' AS comment`,
    catalog_tables: `SELECT 'ecomind' AS database, t.name AS name, 'View' AS engine, toUInt8(0) AS is_temporary, '' AS comment,
      '' AS primary_key, '' AS sorting_key, '' AS partition_key, '' AS sampling_key,
      CAST(NULL, 'Nullable(UInt64)') AS total_rows, CAST(NULL, 'Nullable(UInt64)') AS total_bytes ${tables}`,
    catalog_columns: `SELECT 'ecomind' AS database, c.table AS table, c.name AS name, c.type AS type,
      c.position AS position, '' AS default_kind, '' AS default_expression, '' AS comment,
      toUInt8(0) AS is_in_partition_key, toUInt8(0) AS is_in_sorting_key, toUInt8(0) AS is_in_primary_key,
      c.character_octet_length AS character_octet_length, c.numeric_precision AS numeric_precision,
      c.numeric_precision_radix AS numeric_precision_radix, c.numeric_scale AS numeric_scale,
      c.datetime_precision AS datetime_precision ${columns}`,
    standard_schemata: `SELECT 'ecomind' AS catalog_name, 'ecomind' AS schema_name, 'default' AS schema_owner`,
    standard_tables: `SELECT 'ecomind' AS table_catalog, 'ecomind' AS table_schema, t.name AS table_name,
      'VIEW' AS table_type, CAST(NULL, 'Nullable(UInt64)') AS table_rows, '' AS table_comment ${tables}`,
    standard_columns: `SELECT 'ecomind' AS table_catalog, 'ecomind' AS table_schema, c.table AS table_name,
      c.name AS column_name, c.position AS ordinal_position, '' AS column_default,
      toUInt8(startsWith(c.type, 'Nullable')) AS is_nullable, c.type AS data_type,
      c.character_octet_length AS character_octet_length, c.numeric_precision AS numeric_precision,
      c.numeric_scale AS numeric_scale, c.datetime_precision AS datetime_precision, '' AS column_comment ${columns}`,
  }
}
