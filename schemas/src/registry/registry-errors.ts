/** What the library throws, in the words and kinds of our questions. */

/** Stands before each message of the library; we cut it off. */
export const CLIENT_ID = 'ecomind'

/** Silence, nonsense or an answer that is none: worth asking again. */
export interface Unanswered {
  readonly kind: 'unanswered'
  readonly detail: string
}

export function unanswered(error: unknown): Unanswered {
  const status = statusOf(error)
  if (status === 401 || status === 403) return { kind: 'unanswered', detail: `it refuses our sign-in (${status})` }
  return { kind: 'unanswered', detail: textOf(error) }
}

/** A registry says what it has not found; a wrong path or a proxy answers 404 in other words. */
export function isNotFound(error: unknown): boolean {
  return statusOf(error) === 404 || isWrapped(error) ? /\b(schema|subject)\b.*\bnot found/i.test(textOf(error)) : false
}

/** The library takes the status away from a 404 of a look-up. */
function isWrapped(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConfluentSchemaRegistryError'
}

export function isOtherLevel(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConfluentSchemaRegistryCompatibilityError'
}

export function statusOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return null
  return error.status
}

/** Without the client's name, which the library puts first; one line of at most 300 characters. */
export function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const said = text.startsWith(`${CLIENT_ID} - `) ? text.slice(CLIENT_ID.length + 3) : text
  const line = said.split('\n', 1)[0] ?? ''
  // The library's status for whatever its HTTP client could not even ask.
  return line.replace(/^Error, status 400: (?=.*\b(E[A-Z_]{4,}|socket hang up))/, '').slice(0, 300)
}
