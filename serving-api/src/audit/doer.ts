/** Who does something, as the audit names them. */
import type { Request, Response } from 'express'
import type { Access } from '../access/decide.ts'

export interface Doer {
  /** `user/ID`, `key/ID`, `token/SUBJECT`, `local`, or `operator` for a command. */
  readonly actor: string
  /** What they were at that moment, such as `admin` or `viewer@team/ml`. */
  readonly role: string
  /** Address of the client; null: a command of the operator, or the product itself. */
  readonly from: string | null
  readonly requestId: string
  readonly at: Date
}

/** `nowMs`: epoch milliseconds. */
export function doerOf(access: Access, { req, res }: { req: Request; res: Response }, nowMs: number): Doer {
  return {
    actor: access.actor,
    role: access.role,
    from: req.ip ?? null,
    requestId: String(res.locals['requestId']),
    at: new Date(nowMs),
  }
}
