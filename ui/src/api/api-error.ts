/** One kind of failure for every panel: what happened in words, and the id under which the server logged it. */
export class ApiError extends Error {
  readonly code: string
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  readonly requestId: string | undefined
  /** When the server wants to be asked again, seconds. */
  readonly retryAfterS: number | undefined

  constructor(code: string, status: number, message: string, requestId?: string, retryAfterS?: number) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.status = status
    this.requestId = requestId
    this.retryAfterS = retryAfterS
  }

  /** Whether the same question may succeed later. */
  get retryable(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Reads `{"error": {code, message, request_id}}`; a proxy's HTML page or an empty body becomes a plain sentence. */
export function errorFromAnswer(
  status: number,
  body: unknown,
  requestIdHeader: string | null,
  retryAfterS = Number.NaN,
): ApiError {
  const error = isRecord(body) && isRecord(body['error']) ? body['error'] : {}
  const requestId = text(error['request_id']) ?? requestIdHeader ?? undefined
  const message = text(error['message']) ?? `The server answered with status ${status}`
  const code = text(error['code']) ?? 'unexpected_answer'
  return new ApiError(code, status, message, requestId, Number.isFinite(retryAfterS) ? retryAfterS : undefined)
}

/** Whatever a query threw, as an ApiError. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  return new ApiError('page_fault', 0, thrown instanceof Error ? thrown.message : 'Something unexpected happened')
}
