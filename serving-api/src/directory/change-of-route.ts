/** From a request to the hand that changes the directory. */
import type { Request, Response } from 'express'
import { doerOf } from '../audit/doer.ts'
import type { ApiContext } from '../context.ts'
import type { OrgScope } from '../scope.ts'
import type { Directory } from './change-users.ts'

/** In one transaction. @throws what `work` throws, ApiError database_unavailable */
export async function changeDirectory<T>(
  context: Pick<ApiContext, 'nowMs'>,
  scope: OrgScope,
  asked: { readonly req: Request; readonly res: Response },
  work: (directory: Directory) => Promise<T>,
): Promise<T> {
  const { access } = scope
  const doer = doerOf(access, asked, context.nowMs())
  return await scope.keep((queries, orgId) => work({ queries, orgId, access, doer }))
}

/** Fields that were given. */
export function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
