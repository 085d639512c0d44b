/** SHOW and DESCRIBE of the documented tables, answered from our own catalogue: the engine's would show what it really has. */
import { ANALYST_TABLES } from './analyst-tables.ts'
import { ACCESS_DENIED, AnalystError } from './canonical-statement.ts'
import { quoteString } from './sql-literals.ts'

const tables = new Set<string>(ANALYST_TABLES)
const SHOW_TABLES = /^SHOW TABLES(?: FROM ecomind)?(?: (I?LIKE) ('[^'\\]*'))?$/
const SHOW_CREATE = /^SHOW CREATE TABLE (?:ecomind\.)?(\w+)$/
const SHOW_COLUMNS = /^SHOW (?:FULL )?COLUMNS FROM (\w+)(?: FROM ecomind)?$/
const DESCRIBE = /^DESCRIBE TABLE (?:ecomind\.)?(\w+)$/
const IS_ONE = /^(?:SHOW|DESCRIBE) /

/**
 * What to run for such a statement; null for any other.
 * @throws AnalystError for forms that are not offered, which includes every name that is not a documented table
 */
export function showStatement(core: string, database: string): string | null {
  if (!IS_ONE.test(core)) return null
  if (core === 'SHOW DATABASES') return `SELECT name FROM ${database}.catalog_databases`
  const list = SHOW_TABLES.exec(core)
  if (list !== null) return showTables(database, list[1], list[2])
  const described = documented(DESCRIBE.exec(core))
  if (described !== null) return `DESCRIBE TABLE ${database}.${described}`
  const created = documented(SHOW_CREATE.exec(core))
  if (created !== null) return showCreate(database, created)
  const columns = documented(SHOW_COLUMNS.exec(core))
  if (columns !== null) return showColumns(database, columns)
  throw new AnalystError(
    ACCESS_DENIED,
    'of SHOW only DATABASES, TABLES, COLUMNS and CREATE TABLE of database ecomind are allowed, DESCRIBE for its tables',
  )
}

function documented(match: RegExpExecArray | null): string | null {
  const name = match?.[1]
  return name !== undefined && tables.has(name) ? name : null
}

function showTables(database: string, like: string | undefined, pattern: string | undefined): string {
  const where = like === undefined || pattern === undefined ? '' : ` WHERE name ${like} ${pattern}`
  return `SELECT name FROM ${database}.catalog_tables${where} ORDER BY name`
}

function showCreate(database: string, table: string): string {
  return `SELECT concat('CREATE TABLE ecomind.${table}\\n(\\n', arrayStringConcat(groupArray(concat('    \`', name, '\` ', type)), ',\\n'), '\\n)') AS statement
    FROM (SELECT name, type FROM ${database}.catalog_columns WHERE table = ${quoteString(table)} ORDER BY position)`
}

function showColumns(database: string, table: string): string {
  return `SELECT name AS field, type, if(startsWith(type, 'Nullable'), 'YES', 'NO') AS \`null\`, '' AS key, NULL AS default, '' AS extra
    FROM ${database}.catalog_columns WHERE table = ${quoteString(table)} ORDER BY position`
}
