/** `/scim/v2/Users`: an identity provider keeps the people of an organisation. */
import { z } from 'zod'
import { changeDirectory } from '../directory/change-of-route.ts'
import { changeUser, createUser, deleteUser } from '../directory/change-users.ts'
import { groupsOf } from '../directory/group-store.ts'
import type { User } from '../directory/user.ts'
import { findPerson } from '../directory/user-store.ts'
import { ApiError } from '../http/api-error.ts'
import type { Route } from '../http/route.ts'
import { checkIfMatch, sendVersion } from '../http/versions.ts'
import { listQuery, pageOfUsers } from '../scim/list-resources.ts'
import { listOf, listShape } from '../scim/messages.ts'
import { readPatch } from '../scim/patch-body.ts'
import { patchedResource } from '../scim/patch-user.ts'
import { projected } from '../scim/projection.ts'
import { type ScimAsked, scimRoute } from '../scim/scim-route.ts'
import { fieldsOfResource, userResource } from '../scim/user-resource.ts'
import type { OrgScope } from '../scope.ts'

const answer = z.looseObject({
  schemas: z.array(z.string()),
  id: z.string(),
  userName: z.string().optional(),
  active: z.boolean().optional(),
})
const OWNERS = 'Owners are not changed by SCIM: an owner does that by `/v1/users`.'

const list = scimRoute({
  permission: 'users:read',
  method: 'get',
  path: '/Users',
  summary: 'People, for an identity provider',
  description: 'In the order of their making.',
  query: listQuery,
  answer: listShape,
  handle: async (_context, scope, { query, base }) => {
    const { page, groups } = await scope.keep(async (queries, org) => {
      const found = await pageOfUsers(queries, org, query)
      return {
        page: found,
        groups: await groupsOf(
          queries,
          org,
          found.things.map((u) => u.id),
        ),
      }
    })
    const resources = page.things.map((user) =>
      projected(
        userResource(
          user,
          groups.filter((g) => g.userId === user.id),
          base,
        ),
        query,
      ),
    )
    return listOf(resources, page.total, page.startIndex)
  },
})

const one = scimRoute({
  permission: 'users:read',
  method: 'get',
  path: '/Users/:id',
  summary: 'One person, for an identity provider',
  description: '`meta.version` is the ETag.',
  answer,
  handle: async (_context, scope, asked) => {
    const person = await scope.keep((queries, org) => findPerson(queries, org, asked.id))
    if (person === null) throw new ApiError('not_found', 'There is no such person')
    return await shown(scope, asked, person.user)
  },
})

const create = scimRoute({
  permission: 'users:write',
  method: 'post',
  path: '/Users',
  summary: 'Add a person, from an identity provider',
  description:
    'The e-mail is the primary one, else the one for work, else the first, else `userName`. They get no role by this; groups give roles.',
  status: 201,
  hasBody: true,
  answer,
  handle: async (context, scope, asked) => {
    const fields = fieldsOfResource(asked.req.body, null)
    const made = await changeDirectory(context, scope, asked, (dir) =>
      createUser(dir, { ...fields, source: 'scim' }, []),
    )
    asked.res.setHeader('Location', `${asked.base}/scim/v2/Users/${made.user.id}`)
    return await shown(scope, asked, made.user)
  },
})

const replace = scimRoute({
  permission: 'users:write',
  method: 'put',
  path: '/Users/:id',
  summary: 'Replace a person, from an identity provider',
  description: `\`active\` and \`externalId\` stay when they are left out. ${OWNERS}`,
  hasBody: true,
  answer,
  handle: async (context, scope, asked) => {
    const changed = await changeDirectory(context, scope, asked, (dir) =>
      changeUser(
        dir,
        asked.id,
        (present) => ({ fields: fieldsOfResource(asked.req.body, present.user) }),
        (present) => checkIfMatch(asked.req, present.version),
      ),
    )
    return await shown(scope, asked, changed.user)
  },
})

const patch = scimRoute({
  permission: 'users:write',
  method: 'patch',
  path: '/Users/:id',
  summary: 'Change a person, from an identity provider',
  description: `\`active\` false ends their access at once, with the sessions that are open. ${OWNERS}`,
  hasBody: true,
  answer,
  handle: async (context, scope, asked) => {
    const operations = readPatch(asked.req.body)
    const changed = await changeDirectory(context, scope, asked, (dir) =>
      changeUser(
        dir,
        asked.id,
        ({ user }) => ({
          fields: fieldsOfResource(patchedResource(userResource(user, [], asked.base), operations), user),
        }),
        (present) => checkIfMatch(asked.req, present.version),
      ),
    )
    return await shown(scope, asked, changed.user)
  },
})

const remove = scimRoute({
  permission: 'users:write',
  method: 'delete',
  path: '/Users/:id',
  summary: 'Remove a person, from an identity provider',
  description: `As \`DELETE /v1/users/{id}\`. ${OWNERS}`,
  answer: z.looseObject({}),
  handle: async (context, scope, asked) => {
    await changeDirectory(context, scope, asked, (dir) =>
      deleteUser(dir, asked.id, (present) => checkIfMatch(asked.req, present.version)),
    )
    return undefined
  },
})

async function shown(scope: OrgScope, { res, base, query }: ScimAsked, user: User): Promise<object> {
  const groups = await scope.keep((queries, org) => groupsOf(queries, org, [user.id]))
  sendVersion(res, user.version)
  return projected(userResource(user, groups, base), query)
}

export const scimUserRoutes: readonly Route[] = [list, create, one, replace, patch, remove]
