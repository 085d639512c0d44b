/** `/v1/teams` and `/v1/projects`: names for the `team_id` and `project_id` of events. */
import { z } from 'zod'
import { changeDirectory, given } from '../directory/change-of-route.ts'
import { changeUnit, createUnit, deleteUnit } from '../directory/change-units.ts'
import { pathId, unitId, unitName } from '../directory/shapes.ts'
import { shownProjectShape, shownTeamShape, shownUnit, type UnitKind } from '../directory/unit.ts'
import { idAndName } from '../directory/unit-id.ts'
import { findUnit, listUnits } from '../directory/unit-store.ts'
import { ApiError } from '../http/api-error.ts'
import { orgRoute, type Route } from '../http/route.ts'
import { checkIfMatch, sendVersion } from '../http/versions.ts'
import { readCursor, writeCursor } from '../parameters/cursor.ts'
import { cursor, limit, orgId, text } from '../parameters/shapes.ts'

const LIMIT_MAX = 1000
const LIMIT_DEFAULT = 100
const READ_ERRORS = ['unauthorized', 'forbidden', 'invalid_parameter', 'not_found', 'database_unavailable'] as const
const CHANGE_ERRORS = [...READ_ERRORS, 'conflict', 'precondition_failed'] as const
const BODY_ERRORS = ['malformed_json', 'unsupported_media_type', 'body_too_large'] as const
const query = z.strictObject({ org_id: orgId })
const place = z.strictObject({ id: z.string() })
const search = text(128, '1 to 128 characters are wanted')
  .optional()
  .describe('only where id or name holds this text, whatever its case')

interface UnitWords {
  readonly kind: UnitKind
  readonly path: '/v1/teams' | '/v1/projects'
  readonly tag: 'Teams' | 'Projects'
  readonly field: 'team_id' | 'project_id'
  readonly read: 'teams:read' | 'projects:read'
  readonly write: 'teams:write' | 'projects:write'
}

const TEAM: UnitWords = {
  kind: 'team',
  path: '/v1/teams',
  tag: 'Teams',
  field: 'team_id',
  read: 'teams:read',
  write: 'teams:write',
}
const PROJECT: UnitWords = {
  kind: 'project',
  path: '/v1/projects',
  tag: 'Projects',
  field: 'project_id',
  read: 'projects:read',
  write: 'projects:write',
}

/** Only projects belong to a team. */
const teamField = { team_id: unitId.nullable().describe('the team it belongs to; null: none') }

function readRoutes({ kind, path, tag, field, read }: UnitWords): readonly Route[] {
  const shape = kind === 'project' ? shownProjectShape : shownTeamShape
  const listQuery = z.strictObject({ org_id: orgId, search, limit: limit(LIMIT_MAX, LIMIT_DEFAULT), cursor })
  const teamQuery = z.strictObject({ team_id: unitId.optional().describe('only projects of this team') })
  const list = orgRoute({
    permission: read,
    method: 'get',
    path,
    tag,
    summary: `${tag} of the organisation`,
    description: `In ascending order of id, which is the \`${field}\` of events.`,
    query: kind === 'project' ? listQuery.extend(teamQuery.shape) : listQuery,
    answer: z.object({ items: z.array(shape), next_cursor: z.string().optional() }),
    errors: [...READ_ERRORS],
    handle: async (_context, scope, { query: asked }) => {
      const most = asked.limit ?? LIMIT_DEFAULT
      const after = asked.cursor === undefined ? undefined : readCursor(path, scope.orgId, place, asked.cursor).id
      const teamId = 'team_id' in asked ? teamQuery.parse({ team_id: asked.team_id }).team_id : undefined
      const found = await scope.keep((queries, org) =>
        listUnits(queries, kind, org, { search: asked.search, teamId, after, limit: most + 1 }),
      )
      const page = found.slice(0, most)
      const last = page.at(-1)
      return {
        items: page.map((unit) => shownUnit(kind, unit)),
        ...(found.length > most && last !== undefined
          ? { next_cursor: writeCursor(path, scope.orgId, { id: last.id }) }
          : {}),
      }
    },
  })
  const one = orgRoute({
    permission: read,
    method: 'get',
    path: `${path}/:id`,
    tag,
    summary: `One ${kind}`,
    description: 'Its version is the ETag of the answer.',
    query,
    pathParameters: pathId,
    answer: shape,
    errors: [...READ_ERRORS],
    handle: async (_context, scope, { path: asked, res }) => {
      const unit = await scope.keep((queries, org) => findUnit(queries, kind, org, asked.id))
      if (unit === null) throw new ApiError('not_found', `There is no such ${kind}`)
      sendVersion(res, unit.version)
      return shownUnit(kind, unit)
    },
  })
  return [list, one]
}

function createRoute({ kind, path, tag, field, write }: UnitWords): Route {
  const body = z.strictObject({
    id: unitId.optional().describe(`\`${field}\` of events; default: the name in lower case, with hyphens`),
    name: unitName.optional().describe('default: the id'),
  })
  return orgRoute({
    permission: write,
    idempotent: 'in one transaction',
    method: 'post',
    path,
    tag,
    summary: `Name a ${kind}`,
    description: `The id is the \`${field}\` of events, also of those that are there already. The id of a ${kind} that was deleted brings it back, with a higher version.`,
    query,
    body: kind === 'project' ? body.extend({ team_id: teamField.team_id.optional() }) : body,
    status: 201,
    answer: kind === 'project' ? shownProjectShape : shownTeamShape,
    errors: [...CHANGE_ERRORS, ...BODY_ERRORS],
    handle: async (context, scope, { body: wanted, req, res }) => {
      const teamId = teamIdOf(wanted) ?? null
      const made = await changeDirectory(context, scope, { req, res }, (dir) =>
        createUnit(dir, kind, { ...idAndName(wanted), teamId }),
      )
      sendVersion(res, made.version)
      return shownUnit(kind, made)
    },
  })
}

function changeRoutes({ kind, path, tag, write }: UnitWords): readonly Route[] {
  const body = z.strictObject({ name: unitName.optional() })
  const patch = orgRoute({
    permission: write,
    method: 'patch',
    path: `${path}/:id`,
    tag,
    summary: `Change a ${kind}`,
    description:
      'What is left out stays. `If-Match` with the ETag of an answer refuses it when somebody else was faster.',
    query,
    pathParameters: pathId,
    body: kind === 'project' ? body.extend({ team_id: teamField.team_id.optional() }) : body,
    answer: kind === 'project' ? shownProjectShape : shownTeamShape,
    errors: [...CHANGE_ERRORS, ...BODY_ERRORS],
    handle: async (context, scope, { path: asked, body: wanted, req, res }) => {
      const change = given({ name: wanted.name, teamId: teamIdOf(wanted) })
      const changed = await changeDirectory(context, scope, { req, res }, (dir) =>
        changeUnit(dir, kind, asked.id, change, (present) => checkIfMatch(req, present.version)),
      )
      sendVersion(res, changed.version)
      return shownUnit(kind, changed)
    },
  })
  const remove = orgRoute({
    permission: write,
    method: 'delete',
    path: `${path}/:id`,
    tag,
    summary: `Remove a ${kind}`,
    description: `Events keep their id. Refused while roles${kind === 'team' ? ' or projects' : ''} name it.`,
    query,
    pathParameters: pathId,
    answer: z.object({ id: z.string(), deleted_at: z.string() }),
    errors: [...CHANGE_ERRORS],
    handle: async (context, scope, { path: asked, req, res }) =>
      await changeDirectory(context, scope, { req, res }, async (dir) => {
        await deleteUnit(dir, kind, asked.id, (present) => checkIfMatch(req, present.version))
        return { id: asked.id, deleted_at: dir.doer.at.toISOString() }
      }),
  })
  return [patch, remove]
}

/** Undefined: it was left out, or this is a team. */
function teamIdOf(body: object): string | null | undefined {
  return 'team_id' in body ? z.string().nullable().optional().parse(body.team_id) : undefined
}

const routesOf = (words: UnitWords): readonly Route[] => [
  ...readRoutes(words),
  createRoute(words),
  ...changeRoutes(words),
]

export const teamRoutes: readonly Route[] = routesOf(TEAM)
export const projectRoutes: readonly Route[] = routesOf(PROJECT)
