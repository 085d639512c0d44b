/** One GET to the serving API: answers typed, failures as ApiError. */
import { ApiError, errorFromAnswer } from './api-error.ts'

/** Pairs, because `filter` repeats. */
export type Params = readonly (readonly [string, string])[]

/** A slow database is allowed to be slow; a hanging connection is not waited for for ever. */
const ANSWER_MS_MAX = 60_000

export function addressOf(path: string, params: Params): string {
  const query = new URLSearchParams(params.map(([name, value]) => [name, value])).toString()
  return query === '' ? path : `${path}?${query}`
}

/**
 * `keys` are fields that must be there: a light check that this is our API and not a captive portal's page. The full
 * shapes are checked where they are made (zod, in the API's and the mock's tests).
 */
export async function ask<T extends object>(
  path: string,
  params: Params,
  keys: readonly (keyof T & string)[],
  signal?: AbortSignal,
): Promise<T> {
  const headers = { accept: 'application/json' }
  const response = await reach(addressOf(path, params), signal === undefined ? { headers } : { headers, signal })
  const requestId = response.headers.get('x-request-id')
  const body: unknown = await response.json().catch(() => undefined)
  if (!response.ok) throw errorFromAnswer(response.status, body, requestId)
  if (typeof body !== 'object' || body === null || keys.some((key) => !(key in body))) {
    throw new ApiError(
      'unexpected_answer',
      response.status,
      `The answer of ${path} has an unknown shape`,
      requestId ?? undefined,
    )
  }
  return body as T
}

/** fetch with a limit in time. @throws ApiError unreachable; DOMException AbortError when the asker gave up */
export async function reach(address: string, { signal, ...request }: RequestInit): Promise<Response> {
  const limit = AbortSignal.timeout(ANSWER_MS_MAX)
  try {
    return await fetch(address, {
      ...request,
      signal: signal == null ? limit : AbortSignal.any([signal, limit]),
      cache: 'no-store',
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    const timedOut = error instanceof DOMException && error.name === 'TimeoutError'
    throw new ApiError('unreachable', 0, timedOut ? 'The server did not answer in time' : 'The server can’t be reached')
  }
}
