/** A route of SCIM: its own media type and shape of refusals, and the organisation that the key belongs to. */
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import type { Request, Response } from 'express'
import { z } from 'zod'
import { type Asker, onlyOrgOf } from '../access/asker.ts'
import type { Permission } from '../access/roles.ts'
import type { ApiContext } from '../context.ts'
import { ApiError } from '../http/api-error.ts'
import { readQueryString } from '../http/query-string.ts'
import type { Route } from '../http/route.ts'
import { sendText } from '../http/send-json.ts'
import type { OrgScope } from '../scope.ts'
import { SCIM_TYPE, scimErrorForm } from './messages.ts'

export interface ScimAsked {
  readonly req: Request
  readonly res: Response
  /** Of the path; empty for a list. */
  readonly id: string
  /** The first value of each parameter. */
  readonly query: ReadonlyMap<string, string>
  /** Address of the API as the client reached it. */
  readonly base: string
}

interface ScimRouteSpec {
  readonly method: Route['method']
  /** Behind `/scim/v2`. */
  readonly path: string
  readonly summary: string
  readonly description: string
  readonly permission: Permission
  readonly status?: number
  readonly hasBody?: boolean
  readonly query?: z.ZodObject
  readonly answer: z.ZodType
  /** Undefined: 204, without a body. */
  readonly handle: (context: ApiContext, scope: OrgScope, asked: ScimAsked) => Promise<unknown>
}

/** All members of a large group in one request. */
const BODY_BYTES_MAX = 4_194_304
const BODY = { schema: z.looseObject({}) }
const ERRORS = ['unauthorized', 'forbidden', 'invalid_parameter', 'not_found', 'database_unavailable'] as const
const CHANGE_ERRORS = ['conflict', 'precondition_failed'] as const
const BODY_ERRORS = ['malformed_json', 'unsupported_media_type', 'body_too_large'] as const

export function scimRoute(spec: ScimRouteSpec): Route {
  return {
    ...docsOf(spec),
    permission: spec.permission,
    serve: async (context, asker, req, res) => {
      const scope = await asker.scopeFor(orgOf(asker), spec.permission)
      const answer = await spec.handle(context, scope, askedOf(req, res))
      if (answer === undefined) res.status(204).setHeader('Cache-Control', 'no-store').end()
      else await sendScim(req, res, spec.status ?? 200, answer)
    },
  }
}

/** What the server can do: the same for everyone who has shown a key. */
export function scimDocumentRoute(
  spec: Pick<ScimRouteSpec, 'path' | 'summary' | 'description'> & {
    readonly document: (asked: ScimAsked) => unknown
  },
): Route {
  return {
    ...docsOf({ ...spec, method: 'get', answer: z.looseObject({}) }),
    permission: 'signed-in',
    serve: async (_context, _asker, req, res) => await sendScim(req, res, 200, spec.document(askedOf(req, res))),
  }
}

function docsOf({
  method,
  path,
  summary,
  description,
  hasBody = false,
  status,
  query = z.object({}),
  answer,
}: Omit<ScimRouteSpec, 'handle' | 'permission'>) {
  return {
    method,
    path: `/scim/v2${path}`,
    tag: 'SCIM',
    summary,
    description,
    query,
    pathParameters: path.endsWith('/:id')
      ? z.object({ id: z.string().describe('id that the server gave') })
      : z.object({}),
    bodyBytesMax: BODY_BYTES_MAX,
    body: hasBody ? { [SCIM_TYPE]: BODY, 'application/json': BODY } : null,
    answer: { mediaType: SCIM_TYPE, shape: answer },
    errors: [...ERRORS, ...(method === 'get' ? [] : CHANGE_ERRORS), ...(hasBody ? BODY_ERRORS : [])],
    errorForm: scimErrorForm,
    ...(method === 'delete' ? { status: 204 } : status === undefined ? {} : { status }),
  }
}

/** @throws ApiError forbidden for a session of several organisations */
function orgOf({ principal }: Asker): string {
  const only = principal.kind === 'local' ? LOCAL_ORG_ID : onlyOrgOf(principal)
  if (only === undefined) throw new ApiError('forbidden', 'SCIM wants the key of one organisation')
  return only
}

/** Parameters that are not known are left aside: clients add some of their own. */
function askedOf(req: Request, res: Response): ScimAsked {
  const query = new Map([...readQueryString(req.url)].map(([name, values]) => [name, values[0] ?? '']))
  const { id } = req.params
  return {
    req,
    res,
    id: typeof id === 'string' ? id : '',
    query,
    base: `${req.protocol}://${req.get('host') ?? 'localhost'}`,
  }
}

async function sendScim(req: Request, res: Response, status: number, answer: unknown): Promise<void> {
  await sendText(req, res, status, `${SCIM_TYPE}; charset=utf-8`, JSON.stringify(answer))
}
