/** Refusals of a whole request, and the texts of their answers. */
import { ERROR_CODES, type ErrorCode, type EventRejection } from '@ecomind/schemas'

/** Why a request as a whole is refused. */
export interface Refusal {
  readonly code: ErrorCode
  readonly message: string
  /** For codes that say "try again": the pause before it, in seconds. */
  readonly retryAfterSeconds?: number
  /** Methods that the address has, for 405. */
  readonly allow?: string
  /** Further headers of the answer: name and value, name and value, ... */
  readonly headers?: readonly string[]
  /** True when the rest of the body cannot be waited for. */
  readonly close?: boolean
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  202: 'Accepted',
  204: 'No Content',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** `413 Content Too Large` */
export function statusLine(status: number): string {
  return `${status} ${REASONS[status] ?? 'Error'}`
}

export function statusOf(refusal: Refusal): number {
  return ERROR_CODES[refusal.code].status
}

/** The body of an answer that refuses a request; an ingest request that was read also lists its events (400 only). */
export function refusalBody(refusal: Refusal, requestId: string, rejected: readonly RejectedEvent[] | null): string {
  const error = { code: refusal.code, message: refusal.message, request_id: requestId }
  return JSON.stringify(rejected === null ? { error } : { accepted: 0, rejected, event_ids: [], error })
}

/** One event of a request that was refused. */
export interface RejectedEvent extends EventRejection {
  /** Place among the events of the request, from 0; blank lines of NDJSON do not count. */
  readonly index: number
  /** The client's own id, when it sent a usable one. */
  readonly event_id?: string
}
