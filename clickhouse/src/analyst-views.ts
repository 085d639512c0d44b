/**
 * The second wall around analysts' SQL in process: a database of views that give a session the rows of its organisation and
 * nothing else. The role of analysts may read these views only; each reads its table with the rights of its maker and
 * keeps the organisation's rows in PREWHERE, which runs before any condition of the analyst, so that neither counts nor
 * failures speak of other rows. (A row policy did the same in a trial, but made every question of our own slower.)
 *
 * A session says whose rows it wants in a setting: `<secret>/<statement>/<organisation>,<organisation>`. The views know
 * the secret's digest alone, so a statement that finds a way to change the setting gets no rows.
 *
 * Texts with few values (LowCardinality) become plain strings: functions of such a column run over its whole dictionary,
 * and a failure there would tell which values other organisations have.
 */
import { createHash } from 'node:crypto'
import { VISIBLE_COLUMNS } from './analyst-columns.ts'
import { ANALYST_TABLES, type AnalystTable } from './analyst-tables.ts'
import { catalogViews } from './catalog-views.ts'
import { quoteString } from './sql-literals.ts'

/** Of the engine in process; a server has one for each organisation (provision-analysts.ts). */
export const ANALYST_DATABASE = 'ecomind_analyst'

export interface ViewTarget {
  readonly database: string
  /** With whose rights the views read their tables. */
  readonly definer: string
  /** An expression for the list of organisations whose rows are shown; constant for a statement. */
  readonly orgIds: string
}

/** Statements that make the database and its views, or make them anew; to be run in this order. */
export function viewStatements(target: ViewTarget): readonly string[] {
  const { database } = target
  return [
    `CREATE DATABASE IF NOT EXISTS ${database}`,
    ...ANALYST_TABLES.map((table) => viewOf(target, table, tableSelect(table, target.orgIds))),
    ...Object.entries(catalogViews(database)).map(([name, select]) => viewOf(target, name, select)),
  ]
}

/** The views of the engine in process, whose sessions say by `sessionMark` whose rows they want. */
export function sessionViews(secret: string): ViewTarget {
  const digest = createHash('sha256').update(secret).digest('hex').toUpperCase()
  const part = (i: number): string => `splitByChar('/', getSetting('log_comment'))[${i}]`
  const orgIds = `if(hex(SHA256(${part(1)})) = ${quoteString(digest)}, splitByChar(',', ${part(3)}), [])`
  return { database: ANALYST_DATABASE, definer: 'default', orgIds }
}

/** What a session sets `log_comment` to. @throws RangeError for ids that hold what parts are told by */
export function sessionMark(secret: string, statementId: string, orgIds: readonly string[]): string {
  const parts = [secret, statementId, ...orgIds]
  if (parts.some((part) => /[/,]/.test(part))) throw new RangeError('session mark: an id holds a slash or a comma')
  return [secret, statementId, orgIds.join(',')].join('/')
}

function tableSelect(table: AnalystTable, orgIds: string): string {
  const columns = VISIBLE_COLUMNS[table].map((column) =>
    column.plainText ? `CAST(t.${column.name}, 'String') AS ${column.name}` : `t.${column.name} AS ${column.name}`,
  )
  const final = isApplied(table) ? ' FINAL' : ''
  return `SELECT ${columns.join(', ')} FROM ecomind.${table} AS t${final} PREWHERE ${ownRowsOf(table, orgIds, 't.')}`
}

function viewOf({ database, definer }: ViewTarget, name: string, select: string): string {
  return `CREATE OR REPLACE VIEW ${database}.${name} DEFINER = ${definer} SQL SECURITY DEFINER AS ${select}`
}

/**
 * The condition that keeps an organisation's rows; a column is said with `prefix`. A set with overrides is named
 * `<set>+<organisation>.<revision>-<checksum>` (footprint/src/overrides.ts); a set without is everybody's.
 */
export function ownRowsOf(table: AnalystTable, orgIds: string, prefix = ''): string {
  if (!isApplied(table)) return `${prefix}org_id IN ${orgIds}`
  const owner = `extract(${prefix}factor_set, '^[^+]*\\\\+(.*)\\\\.[0-9]+-[0-9a-f]+$')`
  return `position(${prefix}factor_set, '+') = 0 OR ${owner} IN ${orgIds}`
}

function isApplied(table: AnalystTable): boolean {
  return table === 'factors' || table === 'grids'
}
