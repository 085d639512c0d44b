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
}

export async function recordSignIn(
  signIn: Pick<SignIn, 'config' | 'nowMs'>,
  queries: Queries,
  req: Request,
  res: Response,
  { orgId, userId, action, target, before, details }: SignInEvent,
): Promise<void> {
  const { ip, userAgent } = clientOf(signIn, req)
  await recordAudit(queries, {
    orgId,
    at: new Date(signIn.nowMs()),
    actor: userId === null ? 'nobody' : `user/${userId}`,
    action,
    resourceType: target?.type ?? 'user',
    resourceId: target?.id ?? userId ?? '',
    requestId: requestIdOf(res),
    before: before ?? null,
    after: { ...details, ip, user_agent: userAgent },
  })
}
