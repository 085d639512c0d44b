/**
 * Names of tables as analysts write them, turned into the names of what they may read: `ecomind.usage_1d` becomes the view
 * of that name, `system.tables` our own catalogue. A bare name needs nothing: the session stands in the database of views.
 * The text that comes out is the one that is checked and run.
 */
import { ANALYST_TABLES } from './analyst-tables.ts'
import { ACCESS_DENIED, AnalystError, tokensOf } from './canonical-statement.ts'
import { CATALOG_NAMES } from './catalog-views.ts'

const views = new Set<string>(ANALYST_TABLES)
/** Functions that name the database a session stands in. */
const CURRENT_DATABASE = /^(?:currentdatabase|current_database|database|schema)$/i

/** @throws AnalystError for the name of `database` itself, which is not the analyst's to say */
export function scopeNames(core: string, database: string): string {
  const tokens = [...tokensOf(core)]
  for (const [i, token] of tokens.entries()) {
    const name = bareName(token)
    if (name === null) continue
    if (name.toLowerCase() === database && tokens[i + 1] === '.')
      throw new AnalystError(ACCESS_DENIED, `database ${name} is not open to queries`)
    const view = tokens[i + 1] === '.' ? viewNamed(name, bareName(tokens[i + 2] ?? '')) : null
    if (view !== null) tokens.splice(i, 3, database, '.', view)
    if (CURRENT_DATABASE.test(name) && tokens[i + 1] === '(' && tokens[i + 2] === ')') {
      tokens.splice(i, 3, "'ecomind'", '', '')
    }
  }
  return tokens.join('')
}

function viewNamed(database: string, table: string | null): string | null {
  if (table === null) return null
  if (database === 'ecomind' && views.has(table)) return table
  return CATALOG_NAMES.get(`${database}.${table}`.toLowerCase()) ?? null
}

/** Null when the token is no name. The engine's formatter keeps quotes only around names that are no plain words. */
function bareName(token: string): string | null {
  if (/^[A-Za-z_]\w*$/.test(token)) return token
  return /^[`"]([A-Za-z_]\w*)[`"]$/.exec(token)?.[1] ?? null
}
