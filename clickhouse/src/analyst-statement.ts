/**
 * The first wall around analysts' SQL: an allow-list on the statement as the engine itself parsed it. Nothing is refused
 * because it looks bad; everything is refused that is not known to be good: kinds of nodes, tables, functions in the
 * place of tables, functions.
 */
import type { AnalystFunctions } from './analyst-functions.ts'
import { ANALYST_TABLES, EMPTY_TABLES, TABLE_FUNCTIONS } from './analyst-tables.ts'
import { ACCESS_DENIED, AnalystError } from './canonical-statement.ts'
import { CATALOG_NAMES } from './catalog-views.ts'
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

/** `x IN name`: the name may be a table. */
const IN_FUNCTION = /^(global)?(not)?(null)?in(ignoreset)?$/i
const PLAIN_NAME = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)?$/

const bareNames = new Set<string>([...ANALYST_TABLES, ...EMPTY_TABLES])
const viewNames = new Set<string>([...ANALYST_TABLES, ...CATALOG_NAMES.values()])

/** @throws AnalystError with what is not allowed; the tree is that of a text whose names are scoped (scope-names.ts) */
export function checkAnalystStatement(tree: TreeNode, functions: AnalystFunctions, database: string): void {
  if (tree.kind !== 'SelectWithUnionQuery') throw refused('only SELECT, SHOW and DESCRIBE are allowed')
  const seen: Seen = { database, unknownTables: [], hasWith: false }
  walk(tree, null, functions, seen)
  const [unknown] = seen.unknownTables
  if (unknown !== undefined && !seen.hasWith) throw refused(`table ${unknown} is not open to queries`)
}

/** What can only be judged when the whole statement was seen. */
interface Seen {
  /** Of the views. */
  readonly database: string
  readonly unknownTables: string[]
  hasWith: boolean
}

function walk(node: TreeNode, parent: TreeNode | null, functions: AnalystFunctions, seen: Seen): void {
  if (!KINDS.has(node.kind)) throw refused(`${node.kind} is not allowed`)
  if (node.kind === 'WithElement') seen.hasWith = true
  if (node.kind === 'TableIdentifier') checkTable(node.detail, seen)
  if (node.kind === 'Identifier') checkName(node.detail, functions)
  if (node.kind === 'Function') checkFunction(node, parent, functions, seen)
  for (const child of node.children) walk(child, node, functions, seen)
}

function checkTable(name: string, seen: Seen): void {
  if (!PLAIN_NAME.test(name)) throw refused('that table is not open to queries')
  if (bareNames.has(name)) return
  if (name.startsWith(`${seen.database}.`) && viewNames.has(name.slice(seen.database.length + 1))) return
  // A plain name may be one that WITH introduced; in the database of views there is no other.
  if (name.includes('.')) throw refused(`table ${name} is not open to queries`)
  seen.unknownTables.push(name)
}

/** A column, an alias, or the name of a function that another function is to call. */
function checkName(name: string, functions: AnalystFunctions): void {
  if (functions.refusesAsName(name)) throw refused(`${name} is the name of a function that is not allowed`)
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

function refused(what: string): AnalystError {
  return new AnalystError(ACCESS_DENIED, what)
}
