/** The one place that turns whatever was thrown into an answer; texts of the database never reach a client. */
import { ClickHouseError } from '@ecomind/clickhouse'
import { LogFullError, LogUnavailableError } from '@ecomind/event-log'
import type { ErrorBody } from '@ecomind/schemas'
import { ApiError } from './api-error.ts'

/** ClickHouse's own codes, src/Common/ErrorCodes.cpp of 26.7. */
const TIMEOUT_EXCEEDED = 159
/** TOO_MANY_ROWS, TOO_MANY_ROWS_OR_BYTES, MEMORY_LIMIT_EXCEEDED */
const TOO_LARGE: ReadonlySet<number> = new Set([158, 396, 241])

export function translateError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  if (thrown instanceof ClickHouseError) return ofClickHouse(thrown)
  if (thrown instanceof LogFullError) {
    return new ApiError('log_full', 'The log has reached its bound; try again later', {
      retryAfterSeconds: thrown.retryAfterSeconds,
      cause: thrown,
    })
  }
  if (thrown instanceof LogUnavailableError) {
    return new ApiError('log_unavailable', 'The log cannot write now; try again later', {
      retryAfterSeconds: 5,
      cause: thrown,
    })
  }
  return (
    ofHttp(thrown) ?? new ApiError('internal', 'A fault of ours; it is logged under the request id', { cause: thrown })
  )
}

export function errorBody(error: ApiError, requestId: string): ErrorBody {
  const field = error.field === undefined ? {} : { field: error.field }
  return { error: { code: error.code, message: error.message, request_id: requestId, ...field } }
}

function ofClickHouse(error: ClickHouseError): ApiError {
  const cause = { cause: error }
  if (error.code === TIMEOUT_EXCEEDED) {
    return new ApiError('query_timeout', 'The question took longer than its limit; ask for a shorter period', cause)
  }
  if (error.code !== null && TOO_LARGE.has(error.code)) {
    return new ApiError('result_too_large', 'The answer would be larger than the limit; narrow the question', cause)
  }
  if (error.retryable || error.code === null) {
    const message = 'The database does not answer; try again'
    return new ApiError('database_unavailable', message, { ...cause, retryAfterSeconds: 2 })
  }
  return new ApiError('internal', 'A fault of ours; it is logged under the request id', cause)
}

/** Errors of express and of the libraries under it carry a status. */
function ofHttp(thrown: unknown): ApiError | null {
  if (!(thrown instanceof Error) || !('status' in thrown) || typeof thrown.status !== 'number') return null
  if (thrown instanceof URIError) return new ApiError('invalid_parameter', 'The address is not valid percent-encoding')
  switch (thrown.status) {
    case 400:
      return new ApiError('invalid_parameter', 'The request could not be read')
    case 403:
    case 404:
      return new ApiError('not_found', 'There is nothing under this address')
    default:
      return null
  }
}
