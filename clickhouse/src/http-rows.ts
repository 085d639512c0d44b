/** The rows of a JSONEachRow answer. One that was cut off or ends in an exception is an error, never fewer rows. */
import { ClickHouseError } from './clickhouse.ts'
import { answeredError, parseErrorCode, shorten } from './engine-errors.ts'

/** ClickHouse writes this when an exception meets an answer that is under way (25.11 and newer). */
const EXCEPTION_MARK = '__exception__'
const EXCEPTION_WORDS = /Code: \d+\. DB::(?:Net)?Exception/

/** @throws ClickHouseError with ClickHouse's code, or one worth another try when the answer is not whole */
export function parseRows<Row>(action: string, body: string): readonly Row[] {
  const rows: Row[] = []
  for (const line of body.split('\n')) {
    if (line === '') continue
    const row = parseRow<Row>(line)
    if (row === null) throw brokenAnswer(action, body, body.indexOf(line))
    rows.push(row)
  }
  return rows
}

/** Statements without rows answer with nothing; the end of an answer may be an exception all the same. */
export function requireNoException(action: string, body: string): void {
  if (body.includes(EXCEPTION_MARK) || EXCEPTION_WORDS.test(body)) throw brokenAnswer(action, body, 0)
}

/** A row is an object and nothing else; `null`, numbers and texts are none. */
function parseRow<Row>(line: string): Row | null {
  if (!line.startsWith('{') || !line.endsWith('}')) return null
  try {
    return JSON.parse(line) as Row
  } catch {
    return null
  }
}

function brokenAnswer(action: string, body: string, from: number): ClickHouseError {
  const rest = body.slice(from)
  const code = EXCEPTION_WORDS.test(rest) || rest.includes(EXCEPTION_MARK) ? parseErrorCode(rest) : null
  if (code !== null) return answeredError(action, code, rest)
  return new ClickHouseError(`${action}: the answer is not whole: ${shorten(rest).slice(0, 200)}`, null, true)
}
