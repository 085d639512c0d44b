/** What can be decided about an ingest request before its body. */
import type { Authorise } from './authorise.ts'
import type { Refusal } from './errors.ts'
import type { BodyFormat } from './parse-body.ts'
import { type RequestHead, readEncoding, readFormat, readLength } from './request-head.ts'

export interface AdmitDeps {
  readonly authorise: Authorise
  readonly isStopping: () => boolean
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
  readonly format: BodyFormat
  readonly encoding: 'identity' | 'gzip'
  /** Null: chunked. */
  readonly declaredBytes: number | null
}

/** Decides on the head alone, before any byte of the body is taken. */
export function admit(deps: AdmitDeps, head: RequestHead): Admitted | { kind: 'refused'; refusal: Refusal } {
  if (deps.isStopping()) return { kind: 'refused', refusal: STOPPING }
  const grant = deps.authorise(head.authorization)
  if (grant.kind === 'refused') return grant
  const format = readFormat(head)
  if (typeof format === 'object') return { kind: 'refused', refusal: format }
  const encoding = readEncoding(head)
  if (typeof encoding === 'object') return { kind: 'refused', refusal: encoding }
  const declaredBytes = readLength(head)
  if (typeof declaredBytes === 'object' && declaredBytes !== null) return { kind: 'refused', refusal: declaredBytes }
  return { kind: 'admitted', orgId: grant.orgId, format, encoding, declaredBytes }
}
