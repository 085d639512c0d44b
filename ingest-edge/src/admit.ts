/** What can be decided about an ingest request before its body. */
import type { Authorise } from './authorise.ts'
import type { Refusal } from './errors.ts'
import type { Budget } from './limits/account.ts'
import type { BodyFormat } from './parse-body.ts'
import { type RequestHead, readEncoding, readFormat, readLength } from './request-head.ts'

export interface AdmitDeps {
  readonly authorise: Authorise
  readonly isStopping: () => boolean
  readonly nowMs: () => number
}

const STOPPING: Refusal = {
  code: 'shutting_down',
  message: 'take a request: this edge is stopping; send it again',
  retryAfterSeconds: 1,
  close: true,
}

export interface Admitted {
  readonly kind: 'admitted'
  readonly orgId: string
  readonly orgIsImplied: boolean
  readonly budget: Budget | null
  readonly format: BodyFormat
  readonly encoding: 'identity' | 'gzip'
  /** Null: chunked. */
  readonly declaredBytes: number | null
}

/** Decides on the head alone, before any byte of the body is taken. */
export function admit(deps: AdmitDeps, head: RequestHead): Admitted | { kind: 'refused'; refusal: Refusal } {
  if (deps.isStopping()) return { kind: 'refused', refusal: STOPPING }
  const nowMs = deps.nowMs()
  const grant = deps.authorise(head.authorization, nowMs)
  if (grant.kind === 'refused') return grant
  const { orgId, orgIsImplied, budget } = grant
  const overLimit = budget === null ? null : budget.takeRequest(nowMs)
  if (overLimit !== null) return { kind: 'refused', refusal: overLimit }
  const format = readFormat(head)
  if (typeof format === 'object') return { kind: 'refused', refusal: format }
  const encoding = readEncoding(head)
  if (typeof encoding === 'object') return { kind: 'refused', refusal: encoding }
  const declaredBytes = readLength(head)
  if (typeof declaredBytes === 'object' && declaredBytes !== null) return { kind: 'refused', refusal: declaredBytes }
  return { kind: 'admitted', orgId, orgIsImplied, budget, format, encoding, declaredBytes }
}
