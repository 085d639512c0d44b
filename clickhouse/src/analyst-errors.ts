/**
 * What an analyst is told when the engine fails. ClickHouse's messages may carry values of rows (casts, divisions) and
 * paths of the machine, so only messages about the statement itself are passed on; the rest becomes its code.
 */
import { AnalystError } from './canonical-statement.ts'
import { parseErrorCode } from './engine-errors.ts'

/** Codes of ErrorCodes.cpp whose message speaks of the statement's own words, and their names. */
const SPEAKING: ReadonlyMap<number, string> = new Map([
  [10, 'NOT_FOUND_COLUMN_IN_BLOCK'],
  [42, 'NUMBER_OF_ARGUMENTS_DOESNT_MATCH'],
  [43, 'ILLEGAL_TYPE_OF_ARGUMENT'],
  [46, 'UNKNOWN_FUNCTION'],
  [47, 'UNKNOWN_IDENTIFIER'],
  [50, 'UNKNOWN_TYPE'],
  [60, 'UNKNOWN_TABLE'],
  [62, 'SYNTAX_ERROR'],
  [63, 'UNKNOWN_AGGREGATE_FUNCTION'],
  [158, 'TOO_MANY_ROWS'],
  [159, 'TIMEOUT_EXCEEDED'],
  [179, 'MULTIPLE_EXPRESSIONS_FOR_ALIAS'],
  [184, 'ILLEGAL_AGGREGATION'],
  [207, 'AMBIGUOUS_IDENTIFIER'],
  [215, 'NOT_AN_AGGREGATE'],
  [241, 'MEMORY_LIMIT_EXCEEDED'],
  [386, 'NO_COMMON_TYPE'],
  [396, 'TOO_MANY_ROWS_OR_BYTES'],
])

const MESSAGE_LENGTH_MAX = 600

export function analystErrorOf(cause: unknown): AnalystError {
  if (cause instanceof AnalystError) return cause
  if (cause instanceof RangeError) return new AnalystError(456, cause.message)
  const message = cause instanceof Error ? cause.message : ''
  const code = parseErrorCode(message) ?? 1002
  const name = SPEAKING.get(code)
  if (name === undefined) return new AnalystError(code, 'the statement failed while it ran')
  return new AnalystError(code, clean(message))
}

/** Our own wrapping, hints about tables that may be others', paths and the version are cut off. */
function clean(message: string): string {
  return message
    .replace(/^.*?DB::Exception: /s, '')
    .replace(/:? ?In scope [\s\S]*$/i, '')
    .replace(/[.;]? ?Maybe you meant[\s\S]*$/, '')
    .replace(/\/[\w.@-]+(?:\/[\w.@-]+)+/g, '<path>')
    .replace(/\becomind_\w+\./g, 'ecomind.')
    .replace(/ \([A-Z_0-9]+\)\s*$/, '')
    .replace(/[.\s]+$/, '')
    .slice(0, MESSAGE_LENGTH_MAX)
    .trim()
}

/** The name ClickHouse prints behind the message; drivers look for it. */
export function errorNameOf(code: number): string {
  return SPEAKING.get(code) ?? OTHER_NAMES.get(code) ?? 'UNKNOWN_EXCEPTION'
}

const OTHER_NAMES: ReadonlyMap<number, string> = new Map([
  [6, 'CANNOT_PARSE_TEXT'],
  [36, 'BAD_ARGUMENTS'],
  [38, 'CANNOT_PARSE_DATE'],
  [40, 'CHECKSUM_DOESNT_MATCH'],
  [41, 'CANNOT_PARSE_DATETIME'],
  [44, 'ILLEGAL_COLUMN'],
  [48, 'NOT_IMPLEMENTED'],
  [53, 'TYPE_MISMATCH'],
  [69, 'ARGUMENT_OUT_OF_BOUND'],
  [70, 'CANNOT_CONVERT_TYPE'],
  [72, 'CANNOT_PARSE_NUMBER'],
  [73, 'UNKNOWN_FORMAT'],
  [81, 'UNKNOWN_DATABASE'],
  [115, 'UNKNOWN_SETTING'],
  [131, 'TOO_LARGE_STRING_SIZE'],
  [153, 'ILLEGAL_DIVISION'],
  [164, 'READONLY'],
  [181, 'ILLEGAL_FINAL'],
  [202, 'TOO_MANY_SIMULTANEOUS_QUERIES'],
  [306, 'TOO_DEEP_RECURSION'],
  [394, 'QUERY_WAS_CANCELLED'],
  [407, 'DECIMAL_OVERFLOW'],
  [427, 'CANNOT_COMPILE_REGEXP'],
  [456, 'UNKNOWN_QUERY_PARAMETER'],
  [497, 'ACCESS_DENIED'],
  [516, 'AUTHENTICATION_FAILED'],
  [691, 'UNKNOWN_ELEMENT_OF_ENUM'],
])
