/** The id under which an answer and a log line are brought together. */
import { randomBytes } from 'node:crypto'

const SANE = /^[A-Za-z0-9._-]{1,64}$/
const PREFIX = randomBytes(6).toString('hex')
let count = 0

/** The client's `x-request-id` when it is a short plain token, otherwise a new one. */
export function requestIdOf(header: string): string {
  return isSaneRequestId(header) ? header : `${PREFIX}-${(count++).toString(36)}`
}

export function isSaneRequestId(header: string): boolean {
  return header !== '' && SANE.test(header)
}
