/** The query string, read strictly: what other parsers repair or guess at is refused here. */
import { UNPRINTABLE } from '@ecomind/schemas'
import { invalidParameter } from './api-error.ts'

const QUERY_LENGTH_MAX = 16_384
const PARAMETERS_MAX = 200

/** Parameters by name, in the order they came; every value is printable text. A Map, because names are the client's. */
export type QueryValues = ReadonlyMap<string, readonly string[]>

/** @throws ApiError invalid_parameter for broken percent-encoding, broken UTF-8, control characters or too much of it */
export function readQueryString(url: string): QueryValues {
  const at = url.indexOf('?')
  const text = at < 0 ? '' : url.slice(at + 1)
  if (text.length > QUERY_LENGTH_MAX) {
    throw invalidParameter('query', `${text.length} characters, at most ${QUERY_LENGTH_MAX} are wanted`)
  }
  const values = new Map<string, string[]>()
  const pairs = text.split('&').filter((p) => p !== '')
  if (pairs.length > PARAMETERS_MAX) {
    throw invalidParameter('query', `${pairs.length} parameters, at most ${PARAMETERS_MAX} are wanted`)
  }
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    const name = decode(equals < 0 ? pair : pair.slice(0, equals), 'query')
    const value = decode(equals < 0 ? '' : pair.slice(equals + 1), name)
    values.set(name, [...(values.get(name) ?? []), value])
  }
  return values
}

function decode(text: string, name: string): string {
  let decoded: string
  try {
    decoded = decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw invalidParameter(name, 'not valid percent-encoded UTF-8')
  }
  if (UNPRINTABLE.test(decoded))
    throw invalidParameter(printable(name), 'holds a control character or a lone surrogate')
  return decoded
}

function printable(name: string): string {
  return UNPRINTABLE.test(name) ? 'query' : name
}
