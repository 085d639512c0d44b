/**
 * The first wall around analysts' SQL: an allow-list on the statement as the engine itself parsed it. Nothing is refused
 * because it looks bad; everything is refused that is not known to be good: kinds of nodes, tables, functions in the
 * place of tables, functions.
 */
import type { AnalystFunctions } from './analyst-functions.ts'
import { ANALYST_TABLES, CATALOG_TABLES, HIDDEN_CATALOG_COLUMNS, TABLE_FUNCTIONS } from './analyst-tables.ts'
import { ACCESS_DENIED, AnalystError } from './canonical-statement.ts'
import type { TreeNode } from './statement-tree.ts'

const KINDS = new Set([
  'SelectWithUnionQuery',
  'SelectIntersectExceptQuery',
  'SelectQuery',
  'ExpressionList',
  'WithElement',
  'Subquery',
  'TablesInSelectQuery',
  'TablesInSelectQueryElement',
  'TableExpression',
  'TableJoin',
  'ArrayJoin',
  'TableIdentifier',
  'Identifier',
  'Literal',
  'Function',
  'Asterisk',
  'QualifiedAsterisk',
  'ColumnsListMatcher',
  'ColumnsRegexpMatcher',
  'ColumnsTransformerList',
  'ColumnsExceptTransformer',
  'ColumnsReplaceTransformer',
  'ColumnsReplaceTransformer::Replacement',
  'OrderByElement',
  'WindowDefinition',
  'WindowListElement',
  'SampleRatio',
  'InterpolateElement',
])

/** Nodes that stand for columns nobody named. */
const UNNAMED_COLUMNS = new Set(['Asterisk', 'QualifiedAsterisk', 'ColumnsListMatcher', 'ColumnsRegexpMatcher'])
/** `x IN name`: the name may be a table. */
const IN_FUNCTION = /^(global)?(not)?(null)?in(ignoreset)?$/i
const PLAIN_NAME = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)?$/
const SHOW =
  /^SHOW (DATABASES|TABLES( FROM ecomind)?( I?LIKE '[^'\\]*')?|CREATE TABLE (?:ecomind\.)?(\w+)|(FULL )?COLUMNS FROM (\w+)( FROM ecomind)?)$/

const tables = new Set<string>(ANALYST_TABLES)
const catalog = new Set<string>(CATALOG_TABLES)

/** @throws AnalystError with what is not allowed; `core` is the canonical text the tree was made from */
export function checkAnalystStatement(core: string, tree: TreeNode, functions: AnalystFunctions): void {
  if (core.startsWith('SHOW ')) checkShow(core)
  else if (tree.kind === 'DescribeQuery') checkDescribe(tree)
  else if (tree.kind === 'SelectWithUnionQuery') checkSelect(tree, functions)
  else throw refused('only SELECT, SHOW and DESCRIBE are allowed')
}

function checkSelect(tree: TreeNode, functions: AnalystFunctions): void {
  const seen = new Seen()
  walk(tree, null, functions, seen)
  seen.check()
}

/** What can only be judged when the whole statement was seen. */
class Seen {
  readonly unknownTables: string[] = []
  hasWith = false
  usesCatalog = false
  unnamedColumns = false
  hiddenColumn: string | null = null

  check(): void {
    const [unknown] = this.unknownTables
    if (unknown !== undefined && !this.hasWith) throw refused(`table ${unknown} is not open to queries`)
    if (!this.usesCatalog) return
    if (this.unnamedColumns) throw refused('name the columns of catalog tables; * is not allowed there')
    if (this.hiddenColumn !== null) throw refused(`column ${this.hiddenColumn} of the catalog is not open to queries`)
  }
}

function walk(node: TreeNode, parent: TreeNode | null, functions: AnalystFunctions, seen: Seen): void {
  if (!KINDS.has(node.kind)) throw refused(`${node.kind} is not allowed`)
  if (node.kind === 'WithElement') seen.hasWith = true
  if (UNNAMED_COLUMNS.has(node.kind)) seen.unnamedColumns = true
  if (node.kind === 'TableIdentifier') checkTable(node.detail, seen)
  if (node.kind === 'Identifier') checkName(node.detail, functions, seen)
  if (node.kind === 'Function') checkFunction(node, parent, functions, seen)
  for (const child of node.children) walk(child, node, functions, seen)
}

function checkTable(name: string, seen: Seen): void {
  if (!PLAIN_NAME.test(name)) throw refused('that table is not open to queries')
  const short = name.startsWith('ecomind.') ? name.slice('ecomind.'.length) : name
  if (tables.has(short)) return
  if (catalog.has(name.toLowerCase())) {
    seen.usesCatalog = true
    return
  }
  // A plain name may be one that WITH introduced; our own other tables are never meant.
  if (
    name.includes('.') ||
    /^(schema_migrations|watermarks|ingest_ledger|quarantine_replays|\w*_view|\w*_rebuild\w*)$/.test(name)
  ) {
    throw refused(`table ${name} is not open to queries`)
  }
  seen.unknownTables.push(name)
}

/** A column, an alias, or the name of a function that another function is to call. */
function checkName(name: string, functions: AnalystFunctions, seen: Seen): void {
  if (functions.refusesAsName(name)) throw refused(`${name} is the name of a function that is not allowed`)
  const hidden = name.split('.').find((part) => HIDDEN_CATALOG_COLUMNS.has(part.toLowerCase()))
  if (hidden !== undefined) seen.hiddenColumn = hidden
}

function checkFunction(node: TreeNode, parent: TreeNode | null, functions: AnalystFunctions, seen: Seen): void {
  const name = node.detail
  if (!/^[A-Za-z_]\w*$/.test(name)) throw refused('that function is not allowed')
  if (parent?.kind === 'TableExpression') {
    if (!TABLE_FUNCTIONS.has(name)) throw refused(`table function ${name} is not allowed`)
    return
  }
  if (!functions.allows(name)) throw refused(`function ${name} is not allowed`)
  if (!IN_FUNCTION.test(name)) return
  const right = node.children[0]?.children[1]
  if (right?.kind === 'Identifier') checkTable(right.detail, seen)
}

function checkShow(core: string): void {
  const match = SHOW.exec(core)
  const table = match?.[4] ?? match?.[6]
  if (match === null || (table !== undefined && !tables.has(table))) {
    throw refused('of SHOW only DATABASES, TABLES, COLUMNS and CREATE TABLE of database ecomind are allowed')
  }
}

function checkDescribe(tree: TreeNode): void {
  const [expression] = tree.children
  const [table] = expression?.children ?? []
  const name = table?.kind === 'TableIdentifier' ? table.detail.replace(/^ecomind\./, '') : ''
  if (tree.children.length !== 1 || expression?.children.length !== 1 || !tables.has(name)) {
    throw refused('DESCRIBE is allowed for tables of database ecomind')
  }
}

function refused(what: string): AnalystError {
  return new AnalystError(ACCESS_DENIED, what)
}
