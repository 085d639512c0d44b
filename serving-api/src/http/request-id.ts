/** The id under which a request is logged and answered. */
import { randomUUID } from 'node:crypto'

const ACCEPTABLE = /^[A-Za-z0-9._-]{1,64}$/

/** The client's own `X-Request-Id` when it is harmless in logs and headers, else a new one. */
export function requestIdOf(header: string | undefined): string {
  return header !== undefined && ACCEPTABLE.test(header) ? header : randomUUID()
}
