/** `/scim/v2/Groups`: an identity provider keeps groups and their members; what role a group gives is not its to say. */
import { z } from 'zod'
import type { ApiContext } from '../context.ts'
import { changeGroup, createGroup, deleteGroup, type GroupChange } from '../directory/change-groups.ts'
import { changeDirectory } from '../directory/change-of-route.ts'
import type { Group } from '../directory/group.ts'
import { findGroup, membersOf } from '../directory/group-store.ts'
import { ApiError } from '../http/api-error.ts'
import type { Route } from '../http/route.ts'
import { checkIfMatch, sendVersion } from '../http/versions.ts'
import { changeOfPatch, fieldsOfGroup, groupResource } from '../scim/group-resource.ts'
import { listQuery, pageOfGroups } from '../scim/list-resources.ts'
import { listOf, listShape } from '../scim/messages.ts'
import { readPatch } from '../scim/patch-body.ts'
import { isWanted, projected } from '../scim/projection.ts'
import { type ScimAsked, scimRoute } from '../scim/scim-route.ts'
import type { OrgScope } from '../scope.ts'

const answer = z.looseObject({ schemas: z.array(z.string()), id: z.string(), displayName: z.string().optional() })
const ROLE = 'What role it gives is set by `PATCH /v1/groups/{id}`.'

const list = scimRoute({
  permission: 'users:read',
  method: 'get',
  path: '/Groups',
  summary: 'Groups, for an identity provider',
  description: 'In the order of their making. `excludedAttributes=members` leaves the members out.',
  query: listQuery,
  answer: listShape,
  handle: async (_context, scope, { query, base }) => {
    const { page, members } = await scope.keep(async (queries, org) => {
      const found = await pageOfGroups(queries, org, query)
      const ids = isWanted(query, 'members') ? found.things.map((g) => g.id) : []
      return { page: found, members: await membersOf(queries, org, ids) }
    })
    const resources = page.things.map((group) =>
      projected(
        groupResource(
          group,
          members.filter((m) => m.groupId === group.id),
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
  path: '/Groups/:id',
  summary: 'One group, for an identity provider',
  description: '`meta.version` is the ETag.',
  answer,
  handle: async (_context, scope, asked) => {
    const group = await scope.keep((queries, org) => findGroup(queries, org, asked.id))
    if (group === null) throw new ApiError('not_found', 'There is no such group')
    return await shown(scope, asked, group)
  },
})

const create = scimRoute({
  permission: 'users:write',
  method: 'post',
  path: '/Groups',
  summary: 'Add a group, from an identity provider',
  description: `It gives no role by this. ${ROLE}`,
  status: 201,
  hasBody: true,
  answer,
  handle: async (context, scope, asked) => {
    const { memberIds, ...wanted } = fieldsOfGroup(asked.req.body)
    const made = await changeDirectory(context, scope, asked, (dir) => createGroup(dir, wanted, memberIds))
    asked.res.setHeader('Location', `${asked.base}/scim/v2/Groups/${made.id}`)
    return await shown(scope, asked, made)
  },
})

const replace = scimRoute({
  permission: 'users:write',
  method: 'put',
  path: '/Groups/:id',
  summary: 'Replace a group, from an identity provider',
  description: `Members that are left out leave it. ${ROLE}`,
  hasBody: true,
  answer,
  handle: async (context, scope, asked) => {
    const { memberIds, ...fields } = fieldsOfGroup(asked.req.body)
    return await shown(
      scope,
      asked,
      await change(context, scope, asked, { ...fields, members: () => new Set(memberIds) }),
    )
  },
})

const patch = scimRoute({
  permission: 'users:write',
  method: 'patch',
  path: '/Groups/:id',
  summary: 'Change a group, from an identity provider',
  description: `Members come and go with its role at once. ${ROLE}`,
  hasBody: true,
  answer,
  handle: async (context, scope, asked) =>
    await shown(scope, asked, await change(context, scope, asked, changeOfPatch(readPatch(asked.req.body)))),
})

const remove = scimRoute({
  permission: 'users:write',
  method: 'delete',
  path: '/Groups/:id',
  summary: 'Remove a group, from an identity provider',
  description: 'Its members lose the role that it gave.',
  answer: z.looseObject({}),
  handle: async (context, scope, asked) => {
    await changeDirectory(context, scope, asked, (dir) =>
      deleteGroup(dir, asked.id, (present) => checkIfMatch(asked.req, present.version)),
    )
    return undefined
  },
})

const change = (context: ApiContext, scope: OrgScope, asked: ScimAsked, wanted: GroupChange): Promise<Group> =>
  changeDirectory(context, scope, asked, (dir) =>
    changeGroup(dir, asked.id, wanted, (present) => checkIfMatch(asked.req, present.version)),
  )

async function shown(scope: OrgScope, { res, base, query }: ScimAsked, group: Group): Promise<object> {
  const ids = isWanted(query, 'members') ? [group.id] : []
  const members = await scope.keep((queries, org) => membersOf(queries, org, ids))
  sendVersion(res, group.version)
  return projected(groupResource(group, members, base), query)
}

export const scimGroupRoutes: readonly Route[] = [list, create, one, replace, patch, remove]
