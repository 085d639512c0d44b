/** From what an analyst typed to the text that may be run: parsed by the engine, its names scoped, checked node by node. */
import type { AnalystFunctions } from './analyst-functions.ts'
import type { AnalystQuestion } from './analyst-sql.ts'
import { checkAnalystStatement } from './analyst-statement.ts'
import { bindParams } from './bind-params.ts'
import { AnalystError, readCanonical, UNKNOWN_FORMAT } from './canonical-statement.ts'
import { OUTPUT_FORMATS } from './output-formats.ts'
import { scopeNames } from './scope-names.ts'
import { showStatement } from './show-statements.ts'
import { quoteString } from './sql-literals.ts'
import { parseStatementTree } from './statement-tree.ts'

export interface Parser {
  readonly functions: AnalystFunctions
  /** Where the views are that stand for the documented tables. */
  readonly database: string
  /** Answers a statement of ours as plain text (TSVRaw). */
  ask(text: string): Promise<string>
}

export interface PlannedStatement {
  readonly text: string
  readonly format: string
}

/** @throws AnalystError, RangeError for parameters without value or form, and what the engine says of a text it can't parse */
export async function planStatement(question: AnalystQuestion, parser: Parser): Promise<PlannedStatement> {
  const bound = bindParams(question.text, question.params, question.paramForm)
  const canonical = await parser.ask(`SELECT formatQuerySingleLine(${quoteString(bound)})`)
  const statement = readCanonical(canonical.replace(/\n$/, ''))
  const format = statement.format ?? question.defaultFormat
  if (!OUTPUT_FORMATS.has(format)) throw new AnalystError(UNKNOWN_FORMAT, `format ${format} is not offered`)
  const shown = showStatement(statement.core, parser.database)
  if (shown !== null) return { text: shown, format }
  const text = scopeNames(statement.core, parser.database)
  const tree = parseStatementTree(await parser.ask(`EXPLAIN AST ${text}`))
  checkAnalystStatement(tree, parser.functions, parser.database)
  return { text, format }
}
