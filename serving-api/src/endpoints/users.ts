/** `/v1/users`: the people of an organisation and their roles. */
import { z } from 'zod'
import { ROLES } from '../access/roles.ts'
import { changeDirectory, given } from '../directory/change-of-route.ts'
import { changeUser, createUser, deleteUser } from '../directory/change-users.ts'
import { listPeople } from '../directory/list-people.ts'
import { email, grants, pathId, personName, unitId, usageUserId } from '../directory/shapes.ts'
import { shownUser, shownUserShape } from '../directory/user.ts'
import { findPerson } from '../directory/user-store.ts'
import { ApiError } from '../http/api-error.ts'
import { orgRoute } from '../http/route.ts'
import { checkIfMatch, sendVersion } from '../http/versions.ts'
import { readCursor, writeCursor } from '../parameters/cursor.ts'
import { cursor, limit, orgId, text } from '../parameters/shapes.ts'

const LIMIT_MAX = 1000
const LIMIT_DEFAULT = 100
const TAG = 'People'
const READ_ERRORS = ['unauthorized', 'forbidden', 'invalid_parameter', 'not_found', 'database_unavailable'] as const
const CHANGE_ERRORS = [...READ_ERRORS, 'conflict', 'precondition_failed'] as const
const BODY_ERRORS = ['malformed_json', 'unsupported_media_type', 'body_too_large'] as const
const query = z.strictObject({ org_id: orgId })
const place = z.strictObject({ email: z.string() })

const active = z.boolean({ message: 'true or false is wanted' })
const fields = {
  name: personName,
  usage_user_id: usageUserId.nullable().describe("`user_id` of the person's own events; null: not known"),
  active: active.describe('false ends access at once; sessions included'),
  roles: grants.describe('replaces the roles given by hand'),
}

export const usersRoute = orgRoute({
  permission: 'users:read',
  method: 'get',
  path: '/v1/users',
  tag: TAG,
  summary: 'People of the organisation',
  description: 'In ascending order of e-mail.',
  query: z.strictObject({
    org_id: orgId,
    email: text(256, '1 to 256 characters are wanted').optional().describe('only who has this e-mail'),
    search: text(128, '1 to 128 characters are wanted')
      .optional()
      .describe('only where e-mail, name or usage id holds this text, whatever its case'),
    role: z
      .enum(ROLES, { message: `one of ${ROLES.join(', ')} is wanted` })
      .optional()
      .describe('only who has this role somewhere, by hand or by a group'),
    team_id: unitId.optional().describe('only who has a role in this team, by hand or by a group'),
    active: z
      .enum(['true', 'false'], { message: 'true or false is wanted' })
      .optional()
      .describe('only active people, or only others'),
    limit: limit(LIMIT_MAX, LIMIT_DEFAULT),
    cursor,
  }),
  answer: z.object({ items: z.array(shownUserShape), next_cursor: z.string().optional() }),
  errors: [...READ_ERRORS],
  handle: async (_context, scope, { query: asked }) => {
    const most = asked.limit ?? LIMIT_DEFAULT
    const after = asked.cursor === undefined ? undefined : readCursor('users', scope.orgId, place, asked.cursor).email
    const found = await scope.keep((queries, org) =>
      listPeople(queries, org, {
        email: asked.email,
        search: asked.search,
        role: asked.role,
        teamId: asked.team_id,
        active: asked.active === undefined ? undefined : asked.active === 'true',
        after,
        limit: most + 1,
      }),
    )
    const page = found.slice(0, most)
    const last = page.at(-1)
    return {
      items: page.map(shownUser),
      ...(found.length > most && last !== undefined
        ? { next_cursor: writeCursor('users', scope.orgId, { email: last.user.email }) }
        : {}),
    }
  },
})

export const userRoute = orgRoute({
  permission: 'users:read',
  method: 'get',
  path: '/v1/users/:id',
  tag: TAG,
  summary: 'One person',
  description: 'Their version is the ETag of the answer.',
  query,
  pathParameters: pathId,
  answer: shownUserShape,
  errors: [...READ_ERRORS],
  handle: async (_context, scope, { path, res }) => {
    const person = await scope.keep((queries, org) => findPerson(queries, org, path.id))
    if (person === null) throw new ApiError('not_found', 'There is no such person')
    sendVersion(res, person.user.version)
    return shownUser(person)
  },
})

const RULES =
  'Nobody gives or takes a role with a right that they lack themselves, so only owners give and take the role owner; where an organisation has no owner yet, whoever may write users names the first one.'

export const userCreateRoute = orgRoute({
  permission: 'users:write',
  idempotent: 'in one transaction',
  method: 'post',
  path: '/v1/users',
  tag: TAG,
  summary: 'Add a person',
  description: `${RULES} No invitation is sent by this.`,
  query,
  body: z.strictObject({
    email,
    name: fields.name.optional().describe('default: the e-mail'),
    usage_user_id: fields.usage_user_id.optional().describe("`user_id` of the person's events; default: the e-mail"),
    active: fields.active.optional().describe('default: true'),
    roles: grants.optional().describe('default: none; a person always sees their own numbers'),
  }),
  status: 201,
  answer: shownUserShape,
  errors: [...CHANGE_ERRORS, ...BODY_ERRORS],
  handle: async (context, scope, { body, req, res }) => {
    const { usage_user_id: usageId, roles = [], ...rest } = body
    const made = await changeDirectory(context, scope, { req, res }, (dir) =>
      createUser(dir, { ...given({ ...rest, usageUserId: usageId }), email: body.email, source: 'manual' }, roles),
    )
    sendVersion(res, made.user.version)
    return shownUser(made)
  },
})

export const userPatchRoute = orgRoute({
  permission: 'users:write',
  method: 'patch',
  path: '/v1/users/:id',
  tag: TAG,
  summary: 'Change a person',
  description: `What is left out stays. ${RULES} Someone with a right that the asker lacks can't be changed; the last active owner can't be demoted or deactivated. A new e-mail leaves the usage id as it is.`,
  query,
  pathParameters: pathId,
  body: z.strictObject({ email, ...fields }).partial(),
  answer: shownUserShape,
  errors: [...CHANGE_ERRORS, ...BODY_ERRORS],
  handle: async (context, scope, { path, body, req, res }) => {
    const { usage_user_id: usageId, roles, ...rest } = body
    const changed = await changeDirectory(context, scope, { req, res }, (dir) =>
      changeUser(
        dir,
        path.id,
        () => ({ fields: given({ ...rest, usageUserId: usageId }), roles }),
        (present) => checkIfMatch(req, present.version),
      ),
    )
    sendVersion(res, changed.user.version)
    return shownUser(changed)
  },
})

export const userDeleteRoute = orgRoute({
  permission: 'users:write',
  method: 'delete',
  path: '/v1/users/:id',
  tag: TAG,
  summary: 'Remove a person',
  description:
    "Their access ends at once and their roles are gone for good. Their numbers and audit entries stay; the e-mail may be used again, for a person with another id. The last active owner can't be removed.",
  query,
  pathParameters: pathId,
  answer: z.object({ id: z.string(), deleted_at: z.string() }),
  errors: [...CHANGE_ERRORS],
  handle: async (context, scope, { path, req, res }) =>
    await changeDirectory(context, scope, { req, res }, async (dir) => {
      await deleteUser(dir, path.id, (present) => checkIfMatch(req, present.version))
      return { id: path.id, deleted_at: dir.doer.at.toISOString() }
    }),
})
