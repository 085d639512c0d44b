/** Audit entries of sign-in: who came, who was refused and why, what was changed. Never a secret. */
import type { Request, Response } from 'express'
import { recordAudit } from '../audit/record-audit.ts'
import type { Queries } from '../database/database.ts'
import { requestIdOf } from './auth-route.ts'
import { clientOf } from './client.ts'
import type { SignIn } from './sign-in.ts'

export interface SignInEvent {
  /** Empty: the installation, where no organisation is known. */
  readonly orgId: string
  /** Null: nobody known. */
  readonly userId: string | null
  readonly action: string
  /** Default: the user that it is about. */
  readonly target?: { readonly type: string; readonly id: string }
  readonly before?: Readonly<Record<string, unknown>>
  readonly details: Readonly<Record<string, unknown>>
  readonly outcome?: 'done' | 'refused'
}

export async function recordSignIn(
  { nowMs }: Pick<SignIn, 'nowMs'>,
  queries: Queries,
  req: Request,
  res: Response,
  { orgId, userId, action, target, before, details, outcome }: SignInEvent,
): Promise<void> {
  const { ip, userAgent } = clientOf(req)
  const doer = {
    actor: userId === null ? 'nobody' : `user/${userId}`,
    role: '',
    from: ip,
    requestId: requestIdOf(res),
    at: new Date(nowMs()),
  }
  await recordAudit(queries, doer, {
    orgId,
    action,
    resourceType: target?.type ?? 'user',
    resourceId: target?.id ?? userId ?? '',
    before: before ?? null,
    after: { ...details, user_agent: userAgent },
    outcome: outcome ?? 'done',
  })
}
