/**
 * What went wrong over HTTP, in three questions: may the same statement succeed later, was it carried out, and who said
 * so. An answer of ClickHouse carries its own code; all others come from something in between, or from the network.
 */
import { ClickHouseError, type Outcome } from './clickhouse.ts'
import { answeredError, parseErrorCode, shorten } from './engine-errors.ts'

/** An answer as it came: status, the headers that say something, and the whole body as text. */
export interface HttpAnswer {
  readonly status: number
  /** `x-clickhouse-exception-code`, null when absent. */
  readonly exceptionCode: number | null
  readonly body: string
}

/** Statuses of a proxy that refuse this very request for ever: it is too large, or not for this address. */
const NEVER_STATUSES = new Set([400, 405, 406, 411, 413, 414, 415, 417, 421, 422, 426, 431, 501, 505])
/** Statuses that are given before a request is passed on. */
const NOT_PASSED_STATUSES = new Set([401, 403, 404, 407, 429, ...NEVER_STATUSES])

/** The error in an answer, or null when it is a good one. */
export function errorInAnswer(action: string, answer: HttpAnswer): ClickHouseError | null {
  const { status, exceptionCode, body } = answer
  if (status >= 200 && status < 300) {
    if (exceptionCode !== null) return answeredError(action, exceptionCode, body)
    return null
  }
  const code = exceptionCode ?? parseErrorCode(body)
  if (code !== null) return answeredError(action, code, body)
  return proxyError(action, status, body)
}

function proxyError(action: string, status: number, body: string): ClickHouseError {
  const redirected = status >= 300 && status < 400
  const retryable = !redirected && !NEVER_STATUSES.has(status)
  const outcome: Outcome = redirected || NOT_PASSED_STATUSES.has(status) ? 'answered' : 'unknown'
  const hint = redirected ? ' (CLICKHOUSE_URL must be the address itself: redirects are not followed)' : ''
  const words = shorten(
    body
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  ).slice(0, 200)
  return new ClickHouseError(
    `${action}: HTTP ${status} and no answer of ClickHouse${hint}: ${words}`,
    null,
    retryable,
    {
      outcome,
    },
  )
}

/** Node's and OpenSSL's words for a certificate that can't be trusted, is out of date or is of another name. */
const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|CRL_|INVALID_CA|EPROTO)/

/**
 * A failure without an answer. Unreachable hosts, names that can't be resolved and certificates are mended outside, so
 * all of them may pass later. @param nothingSent no connection stood
 */
export function networkError(action: string, cause: unknown, nothingSent: boolean): ClickHouseError {
  if (cause instanceof ClickHouseError) return cause
  const text = cause instanceof Error ? cause.message : String(cause)
  const code = textCodeOf(cause)
  const tls = code !== null && TLS_CODE.test(code)
  const outcome: Outcome = nothingSent ? 'not-sent' : 'unknown'
  const what = tls ? 'TLS: ' : ''
  const name = code ?? 'no answer'
  // A fault of ours, e.g. a name that no header can carry: it would fail again just the same.
  const retryable = !(cause instanceof TypeError || cause instanceof RangeError)
  return new ClickHouseError(`${action}: ${what}${name}: ${shorten(text)}`, null, retryable, {
    cause: withoutSecrets(cause),
    outcome,
  })
}

/** The request is an error's neighbour in some versions of Node, with its headers; only the words stay. */
function withoutSecrets(cause: unknown): Error {
  const plain = new Error(cause instanceof Error ? cause.message : String(cause))
  if (cause instanceof Error && cause.stack !== undefined) plain.stack = cause.stack
  return plain
}

function textCodeOf(cause: unknown): string | null {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return null
  return typeof cause.code === 'string' ? cause.code : null
}

/** The statement took longer than its time; the server may still be at work on it. */
export function timeoutError(action: string, timeoutMs: number, nothingSent: boolean): ClickHouseError {
  return new ClickHouseError(`${action}: no answer within ${timeoutMs} ms`, null, true, {
    outcome: nothingSent ? 'not-sent' : 'unknown',
  })
}
