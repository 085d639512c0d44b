/** `/v1/groups`: groups that an identity provider keeps by SCIM, and the role that each gives its members. */
import { z } from 'zod'
import { changeGroup } from '../directory/change-groups.ts'
import { changeDirectory } from '../directory/change-of-route.ts'
import { shownGroup, shownGroupShape } from '../directory/group.ts'
import { findGroup, listGroups } from '../directory/group-store.ts'
import { grant, pathId } from '../directory/shapes.ts'
import { ApiError } from '../http/api-error.ts'
import { orgRoute } from '../http/route.ts'
import { checkIfMatch, sendVersion } from '../http/versions.ts'
import { readCursor, writeCursor } from '../parameters/cursor.ts'
import { cursor, limit, orgId, text } from '../parameters/shapes.ts'

const LIMIT_MAX = 1000
const LIMIT_DEFAULT = 100
const TAG = 'Groups'
const READ_ERRORS = ['unauthorized', 'forbidden', 'invalid_parameter', 'not_found', 'database_unavailable'] as const
const query = z.strictObject({ org_id: orgId })
const place = z.strictObject({ id: z.string() })

export const groupsRoute = orgRoute({
  permission: 'users:read',
  method: 'get',
  path: '/v1/groups',
  tag: TAG,
  summary: 'Groups of the organisation',
  description: 'In ascending order of id. They and their members come from an identity provider by SCIM.',
  query: z.strictObject({
    org_id: orgId,
    search: text(128, '1 to 128 characters are wanted')
      .optional()
      .describe('only where the name holds this text, whatever its case'),
    limit: limit(LIMIT_MAX, LIMIT_DEFAULT),
    cursor,
  }),
  answer: z.object({ items: z.array(shownGroupShape), next_cursor: z.string().optional() }),
  errors: [...READ_ERRORS],
  handle: async (_context, scope, { query: asked }) => {
    const most = asked.limit ?? LIMIT_DEFAULT
    const after = asked.cursor === undefined ? undefined : readCursor('groups', scope.orgId, place, asked.cursor).id
    const found = await scope.keep((queries, org) =>
      listGroups(queries, org, { search: asked.search, after, limit: most + 1 }),
    )
    const page = found.slice(0, most)
    const last = page.at(-1)
    return {
      items: page.map(shownGroup),
      ...(found.length > most && last !== undefined
        ? { next_cursor: writeCursor('groups', scope.orgId, { id: last.id }) }
        : {}),
    }
  },
})

export const groupRoute = orgRoute({
  permission: 'users:read',
  method: 'get',
  path: '/v1/groups/:id',
  tag: TAG,
  summary: 'One group',
  description: 'Its version is the ETag of the answer.',
  query,
  pathParameters: pathId,
  answer: shownGroupShape,
  errors: [...READ_ERRORS],
  handle: async (_context, scope, { path, res }) => {
    const group = await scope.keep((queries, org) => findGroup(queries, org, path.id))
    if (group === null) throw new ApiError('not_found', 'There is no such group')
    sendVersion(res, group.version)
    return shownGroup(group)
  },
})

export const groupPatchRoute = orgRoute({
  permission: 'users:write',
  method: 'patch',
  path: '/v1/groups/:id',
  tag: TAG,
  summary: 'Give the members of a group a role',
  description:
    'Null takes it away. Nobody gives a role with a right that they lack themselves, and a group makes no owners. Name and members are changed by SCIM only, the role here only.',
  query,
  pathParameters: pathId,
  body: z.strictObject({ grant: grant.nullable() }),
  answer: shownGroupShape,
  errors: [
    ...READ_ERRORS,
    'conflict',
    'precondition_failed',
    'malformed_json',
    'unsupported_media_type',
    'body_too_large',
  ],
  handle: async (context, scope, { path, body, req, res }) => {
    const changed = await changeDirectory(context, scope, { req, res }, (dir) =>
      changeGroup(dir, path.id, body, (present) => checkIfMatch(req, present.version)),
    )
    sendVersion(res, changed.version)
    return shownGroup(changed)
  },
})
