/** A refusal with a code of the closed list; everything else that is thrown is a fault of ours. */
import { ERROR_CODES, type ErrorCode } from '@ecomind/schemas'

export interface ApiErrorDetails {
  /** The parameter or body field that broke its rule. */
  readonly field?: string
  /** A sensible pause before the next try, in seconds. */
  readonly retryAfterSeconds?: number
  /** Methods that the address knows, for `method_not_allowed`. */
  readonly allow?: readonly string[]
  readonly cause?: unknown
}

export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ErrorCode
  readonly status: number
  readonly field: string | undefined
  readonly retryAfterSeconds: number | undefined
  readonly allow: readonly string[] | undefined
  constructor(code: ErrorCode, message: string, details: ApiErrorDetails = {}) {
    super(message, { cause: details.cause })
    this.code = code
    this.status = ERROR_CODES[code].status
    this.field = details.field
    this.retryAfterSeconds = details.retryAfterSeconds
    this.allow = details.allow
  }
}

export function invalidParameter(field: string, message: string): ApiError {
  return new ApiError('invalid_parameter', `${field}: ${message}`, { field })
}
