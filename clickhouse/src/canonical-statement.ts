/**
 * The engine's own formatter has parsed a text, found ONE statement in it and written it again on one line without
 * comments, with backslash escapes in quotes. Only then is a tokenizer of ours good enough to find the clauses behind it.
 */

export class AnalystError extends Error {
  override readonly name = 'AnalystError'
  /** ClickHouse's own error code, so that its drivers know what to do. */
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** SYNTAX_ERROR, ACCESS_DENIED, UNKNOWN_FORMAT, QUERY_WAS_CANCELLED, AUTHENTICATION_FAILED of ErrorCodes.cpp. */
export const SYNTAX_ERROR = 62
export const ACCESS_DENIED = 497
export const UNKNOWN_FORMAT = 73
export const QUERY_CANCELLED = 394
export const AUTHENTICATION_FAILED = 516

export interface CanonicalStatement {
  /** Without FORMAT; nothing else may follow a SELECT. */
  readonly core: string
  /** Null when the text names none. */
  readonly format: string | null
}

const TOKEN = /'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*|\s+|[^\s\w'`"]|\d[\w.]*/gy

/** Words that begin a clause which writes, changes settings or runs something else. */
const REFUSED_WORDS = new Set(['INTO', 'OUTFILE', 'SETTINGS', 'PARALLEL', 'EXECUTE', 'INFILE'])

/** @throws AnalystError when the statement has a clause that analysts may not use */
export function readCanonical(canonical: string): CanonicalStatement {
  const tokens = tokensOf(canonical)
  const format = trailingFormat(tokens)
  const kept = format === null ? tokens : tokens.slice(0, tokens.lastIndexOf('FORMAT'))
  for (const [i, token] of kept.entries()) {
    const word = token.toUpperCase()
    if (REFUSED_WORDS.has(word)) throw new AnalystError(ACCESS_DENIED, `${word} is not allowed here`)
    if (word === 'FORMAT' && kept[i + 1] !== '(')
      throw new AnalystError(ACCESS_DENIED, 'FORMAT is allowed at the end only')
    if (token.startsWith('`') && /\\|\((?:children|alias) /.test(token)) {
      throw new AnalystError(ACCESS_DENIED, 'a name may not have escapes')
    }
  }
  return { core: kept.join('').trim(), format }
}

/** Every character of a canonical text belongs to one token. @throws AnalystError for characters that are not allowed */
export function tokensOf(text: string): readonly string[] {
  const tokens: string[] = []
  let at = 0
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    tokens.push(match[0])
    at = TOKEN.lastIndex
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a formatted statement has no line ends or control characters
  if (at !== text.length || /[\u0000-\u001f\u007f]/.test(text)) {
    throw new AnalystError(SYNTAX_ERROR, 'the statement has characters that are not allowed')
  }
  return tokens
}

function trailingFormat(tokens: readonly string[]): string | null {
  const words = tokens.filter((token) => token.trim() !== '')
  // The formatter quotes a name that is also a word of the language: FORMAT `Null`.
  const name = words.at(-1)?.replace(/^`(\w+)`$/, '$1')
  return words.at(-2) === 'FORMAT' && name !== undefined && /^[A-Za-z]\w*$/.test(name) ? name : null
}
