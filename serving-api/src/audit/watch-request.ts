/** What a request reached, and what it was refused, told to the audit trail when it is over. */
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import type { Request, Response } from 'express'
import type { Asker } from '../access/asker.ts'
import { accessOf } from '../access/decide.ts'
import type { Permission } from '../access/roles.ts'
import { ApiError } from '../http/api-error.ts'
import type { OrgScope } from '../scope.ts'
import { doerOf } from './doer.ts'
import type { Notes } from './notes.ts'
import { peopleShown } from './people-shown.ts'

interface Reached {
  readonly orgId: string
  readonly permission: Permission
  readonly scope: OrgScope | null
}

interface Exchange {
  readonly req: Request
  readonly res: Response
  /** Such as `/v1/events/:id/explain`. */
  readonly path: string
  readonly nowMs: () => number
}

const ACTIONS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', PATCH: 'update', DELETE: 'delete' }

/** Runs `serve` with an asker whose steps are seen. @throws what `serve` throws */
export async function watchRequest(
  notes: Notes,
  asker: Asker,
  exchange: Exchange,
  serve: (asker: Asker) => Promise<void>,
): Promise<void> {
  const reached: Reached[] = []
  const seen: Asker = {
    ...asker,
    scopeFor: async (orgId, permission) => {
      const place = reached.push({ orgId, permission, scope: null }) - 1
      const scope = await asker.scopeFor(orgId, permission)
      reached[place] = { orgId, permission, scope }
      return scope
    },
  }
  try {
    await serve(seen)
  } catch (error) {
    if (error instanceof ApiError && error.code === 'forbidden') noteRefusal(notes, asker, exchange, reached.at(-1))
    throw error
  }
  for (const one of reached) if (one.scope !== null) noteRead(notes, exchange, one.scope, one.permission)
}

function noteRead(notes: Notes, { req, res, path, nowMs }: Exchange, scope: OrgScope, permission: Permission): void {
  const shown = peopleShown(scope, permission, req.url, idOf(req))
  if (shown === null) return
  const doer = doerOf(scope.access, { req, res }, nowMs())
  const { subject } = shown
  notes.take({ orgId: scope.orgId, doer, action: 'read', outcome: 'done', endpoint: endpointOf(req, path), subject })
}

/** Whoever does not belong to the organisation leaves nothing in its trail. */
function noteRefusal(
  notes: Notes,
  asker: Asker,
  { req, res, path, nowMs }: Exchange,
  reached: Reached | undefined,
): void {
  const access = reached === undefined ? null : accessOf(asker.principal, reached.orgId, LOCAL_ORG_ID)
  if (access === null) return
  const doer = doerOf(access, { req, res }, nowMs())
  const action = ACTIONS[req.method] ?? 'read'
  const endpoint = endpointOf(req, path)
  notes.take({ orgId: access.orgId, doer, action, outcome: 'refused', endpoint, subject: null })
}

const endpointOf = (req: Request, path: string): string => `${req.method} ${path}`

function idOf(req: Request): string | undefined {
  const id: unknown = req.params['id']
  return typeof id === 'string' ? id : undefined
}
