/** `/v1/orgs`: the organisations of the asker; the installation's first one may make others. */
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import { z } from 'zod'
import type { Asker } from '../access/asker.ts'
import { doerOf } from '../audit/doer.ts'
import type { ApiContext } from '../context.ts'
import { ApiError } from '../http/api-error.ts'
import { answerOnce } from '../http/idempotency.ts'
import { askerRoute, onceAsked, orgRoute } from '../http/route.ts'
import { checkIfMatch, sendVersion } from '../http/versions.ts'
import {
  changeOrganisation,
  createOrganisation,
  deleteOrganisation,
  shownOrganisation,
} from '../organisations/change-organisations.ts'
import {
  organisationId,
  organisationName,
  organisationRetention,
  organisationSettings,
  organisationSettingsChange,
  organisationZone,
  RETENTION_DAYS_MAX,
} from '../organisations/organisation.ts'
import type { OrgScope } from '../scope.ts'

const TAG = 'Organisations'
const READ_ERRORS = ['unauthorized', 'forbidden', 'not_found', 'database_unavailable'] as const
const BODY_ERRORS = ['invalid_parameter', 'malformed_json', 'unsupported_media_type', 'body_too_large'] as const
const WRITE_ERRORS = [...READ_ERRORS, ...BODY_ERRORS, 'conflict', 'precondition_failed'] as const
const pathParameters = z.object({ id: organisationId.describe('id of an organisation') })

const organisation = z.object({
  id: z.string(),
  name: z.string(),
  timezone: z.string(),
  retention_days: z.number().int(),
  settings: organisationSettings,
  version: z.number().int(),
  created_at: z.string(),
  updated_at: z.string(),
})

export const organisationsRoute = askerRoute({
  permission: 'signed-in',
  method: 'get',
  path: '/v1/orgs',
  tag: TAG,
  summary: 'Organisations of the asker',
  description: 'That of the key, or those that the session is signed in to.',
  answer: z.object({ items: z.array(organisation) }),
  errors: ['unauthorized', 'database_unavailable'],
  handle: async (_context, asker) => {
    const scopes = await Promise.all(orgIdsOf(asker).map((id) => readable(asker, id)))
    return { items: scopes.filter((s) => s !== null).map((s) => shownOrganisation(s.organisation)) }
  },
})

export const organisationRoute = orgRoute({
  permission: 'organisation:read',
  orgInPath: true,
  method: 'get',
  path: '/v1/orgs/:id',
  tag: TAG,
  summary: 'One organisation',
  description: 'Its version is the ETag of the answer.',
  query: z.strictObject({}),
  pathParameters,
  answer: organisation,
  errors: [...READ_ERRORS],
  handle: async (_context, scope, { res }) => {
    sendVersion(res, scope.organisation.version)
    return shownOrganisation(scope.organisation)
  },
})

export const organisationCreateRoute = askerRoute({
  permission: 'signed-in',
  idempotent: 'in one transaction',
  method: 'post',
  path: '/v1/orgs',
  tag: TAG,
  summary: 'Make an organisation',
  description:
    "For an admin key, or an owner or admin, of the installation's first organisation. `admin_key` of the answer is shown this once only; with it the new organisation makes its own keys and people.",
  body: z.strictObject({
    id: organisationId,
    name: organisationName,
    timezone: organisationZone.optional().describe('IANA name; default UTC'),
    retention_days: organisationRetention
      .optional()
      .describe(`days that raw events are kept, 1 to ${RETENTION_DAYS_MAX}, which is the default`),
  }),
  status: 201,
  answer: z.object({ org: organisation, admin_key: z.string() }),
  errors: [...WRITE_ERRORS],
  handle: async (context, asker, { body, req, res }) => {
    const installation = await installationOf(context, asker)
    return await answerOnce(
      installation,
      onceAsked(context, req, res),
      'in one transaction',
      async (scope, afterwards) => {
        const doer = doerOf(scope.access, { req, res }, context.nowMs())
        const made = await scope.keep(async (queries) => {
          const org = await createOrganisation(queries, doer, {
            id: body.id,
            name: body.name,
            timezone: body.timezone ?? 'UTC',
            retentionDays: body.retention_days ?? RETENTION_DAYS_MAX,
            isFirst: false,
          })
          return { org, adminKey: await context.control.makeAdminKey(queries, doer, org.id) }
        })
        await afterwards(() => context.control.organisations.forget(body.id))
        sendVersion(res, made.org.version)
        return { org: shownOrganisation(made.org), admin_key: made.adminKey }
      },
    )
  },
})

export const organisationPatchRoute = orgRoute({
  permission: 'organisation:write',
  orgInPath: true,
  method: 'patch',
  path: '/v1/orgs/:id',
  tag: TAG,
  summary: 'Change an organisation',
  description:
    'What is left out stays. `If-Match` with the ETag of an answer refuses the change when somebody else was faster. A shorter retention removes older raw events for good; rollups stay.',
  query: z.strictObject({}),
  pathParameters,
  body: z.strictObject({
    name: organisationName.optional(),
    timezone: organisationZone.optional(),
    retention_days: organisationRetention.optional(),
    settings: organisationSettingsChange.optional(),
  }),
  answer: organisation,
  errors: [...WRITE_ERRORS],
  handle: async (context, scope, { body, req, res }) => {
    const doer = doerOf(scope.access, { req, res }, context.nowMs())
    const { retention_days: retentionDays, ...change } = body
    const org = await scope.keep((queries, id) =>
      changeOrganisation(queries, doer, id, { ...change, retentionDays }, (present) =>
        checkIfMatch(req, present.version),
      ),
    )
    context.control.organisations.forget(org.id)
    sendVersion(res, org.version)
    return shownOrganisation(org)
  },
})

export const organisationDeleteRoute = orgRoute({
  permission: 'organisation:write',
  orgInPath: true,
  method: 'delete',
  path: '/v1/orgs/:id',
  tag: TAG,
  summary: 'End an organisation',
  description:
    "Its keys and sessions are refused within seconds. Numbers and audit entries stay; its id is never given again. The installation's first organisation can't end.",
  query: z.strictObject({}),
  pathParameters,
  answer: z.object({ id: z.string(), deleted_at: z.string() }),
  errors: [...WRITE_ERRORS],
  handle: async (context, scope, { req, res }) => {
    const doer = doerOf(scope.access, { req, res }, context.nowMs())
    await scope.keep((queries, id) =>
      deleteOrganisation(queries, doer, id, (present) => checkIfMatch(req, present.version)),
    )
    context.control.organisations.forget(scope.orgId)
    return { id: scope.orgId, deleted_at: doer.at.toISOString() }
  },
})

function orgIdsOf({ principal }: Asker): readonly string[] {
  switch (principal.kind) {
    case 'local':
      return [LOCAL_ORG_ID]
    case 'key':
    case 'token':
      return [principal.orgId]
    case 'session':
      return principal.people.map((p) => p.orgId)
    case 'anonymous':
      return []
  }
}

/** Null where the asker may not read it. */
async function readable(asker: Asker, orgId: string): Promise<OrgScope | null> {
  try {
    return await asker.scopeFor(orgId, 'organisation:read')
  } catch (error) {
    if (error instanceof ApiError && (error.code === 'forbidden' || error.code === 'not_found')) return null
    throw error
  }
}

/** The scope of the first organisation. @throws ApiError forbidden for everyone else */
async function installationOf(context: ApiContext, asker: Asker): Promise<OrgScope> {
  for (const orgId of orgIdsOf(asker)) {
    const scope = await readable(asker, orgId)
    if (scope?.organisation.isFirst === true && context.mode === 'production') {
      scope.require('organisation:write')
      return scope
    }
  }
  throw new ApiError('forbidden', "Only the installation's first organisation makes others, in production mode")
}
