/** One change sent to the serving API; failures as ApiError. */
import { ApiError, errorFromAnswer } from './api-error.ts'
import { reach } from './ask.ts'

export interface Change {
  readonly method: 'POST' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  /** Of GET /v1/auth/me; routes for people who are not signed in want none. */
  readonly csrfToken?: string
}

export async function send<T extends object>({ method, path, body, csrfToken }: Change): Promise<T> {
  const response = await reach(path, {
    method,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(csrfToken === undefined ? {} : { 'x-csrf-token': csrfToken }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer: unknown = await response.json().catch(() => undefined)
  if (!response.ok) {
    const retryAfterS = Number(response.headers.get('retry-after') ?? Number.NaN)
    throw errorFromAnswer(response.status, answer, response.headers.get('x-request-id'), retryAfterS)
  }
  if (typeof answer !== 'object' || answer === null)
    throw new ApiError('unexpected_answer', response.status, `The answer of ${path} has an unknown shape`)
  return answer as T
}
