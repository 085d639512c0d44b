/** `/v1/factors`: the factors that numbers are computed with, and those that the organisation states itself. */
import {
  type FactorEntry,
  type FactorsAnswer,
  factorEntry as factorEntryShape,
  factorsAnswer,
  overrideDeleted,
  overrideItem,
} from '@ecomind/schemas'
import { z } from 'zod'
import { doerOf } from '../audit/doer.ts'
import type { ApiContext } from '../context.ts'
import { ApiError } from '../http/api-error.ts'
import { type Asked, orgRoute } from '../http/route.ts'
import { type Change, createOverride, deleteOverride, replaceOverride } from '../overrides/change-overrides.ts'
import { factorEntry, overrideEntry } from '../overrides/factor-entries.ts'
import { checkContent, contentOfBody, overrideBody, overridePatch, patchedContent } from '../overrides/override-body.ts'
import { findOverride, listOverrides, type StoredOverride } from '../overrides/override-store.ts'
import type { RunningFactors } from '../overrides/running-factors.ts'
import { readCursor, writeCursor } from '../parameters/cursor.ts'
import { cursor, limit, orgId, text } from '../parameters/shapes.ts'
import type { OrgScope } from '../scope.ts'

const LIMIT_MAX = 1000
const LIMIT_DEFAULT = 100
const TAG = 'Factors'
const READ_ERRORS = ['invalid_parameter', 'not_found', 'database_unavailable'] as const
const WRITE_ERRORS = [...READ_ERRORS, 'conflict', 'unsupported_media_type', 'body_too_large', 'malformed_json'] as const
const query = z.strictObject({ org_id: orgId })
const pathParameters = z.object({
  id: text(300, '1 to 300 characters are wanted').describe('id of an override or of a factor, percent-encoded'),
})
const place = z.strictObject({ kind: z.enum(['override', 'factor']), id: z.string() })

export const factorsRoute = orgRoute({
  permission: 'factors:read',
  method: 'get',
  path: '/v1/factors',
  tag: TAG,
  summary: 'Factors of the running set and overrides of the organisation',
  description:
    'Overrides first, then the factors of the set of new events, each in ascending order of id. Variants for service tiers (`<id>+batch`, `<id>+flex`) are not listed; ask for one by its id.',
  query: z.strictObject({
    org_id: orgId,
    kind: z.enum(['override', 'factor'], { message: 'override or factor is wanted' }).optional().describe('only these'),
    search: text(128, '1 to 128 characters are wanted')
      .optional()
      .describe('only where provider, model, name or id holds this text, whatever its case'),
    limit: limit(LIMIT_MAX, LIMIT_DEFAULT),
    cursor,
  }),
  answer: factorsAnswer,
  errors: [...READ_ERRORS],
  handle: async (context, scope, { query: asked }): Promise<FactorsAnswer> => {
    const running = runningOf(context)
    const set = running.setOf(scope.orgId)
    const stored = asked.kind === 'factor' ? [] : await scope.keep(listOverrides)
    const factors = asked.kind === 'override' ? [] : running.base.factors
    const found = [
      ...stored.filter((o) => holds(asked.search, [o.override.id, o.override.provider, o.override.model])),
      ...factors.filter((f) => holds(asked.search, [f.id, f.name])),
    ]
    const most = asked.limit ?? LIMIT_DEFAULT
    const after = asked.cursor === undefined ? undefined : readCursor('factors', scope.orgId, place, asked.cursor)
    const behind = after === undefined ? found : found.filter((entry) => isBehind(placeOf(entry), after))
    const page = behind.slice(0, most)
    const last = page.at(-1)
    const more = behind.length > most && last !== undefined
    return {
      items: page.map((entry) => ('override' in entry ? overrideEntry(entry, set) : factorEntry(entry, running.base))),
      ...(more ? { next_cursor: writeCursor('factors', scope.orgId, placeOf(last)) } : {}),
    }
  },
})

export const factorRoute = orgRoute({
  permission: 'factors:read',
  method: 'get',
  path: '/v1/factors/:id',
  tag: TAG,
  summary: 'One factor or override',
  description: 'Ids of factors hold slashes; percent-encode them (`openai%2Fgpt-4o`).',
  query,
  pathParameters,
  answer: factorEntryShape,
  errors: [...READ_ERRORS],
  handle: async (context, scope, { path }): Promise<FactorEntry> => {
    const running = runningOf(context)
    const factor = running.base.factorById(path.id)
    if (factor !== undefined) return factorEntry(factor, running.base)
    const stored = await scope.keep((queries, org) => findOverride(queries, org, path.id))
    if (stored === undefined) throw new ApiError('not_found', 'There is no such factor or override')
    return overrideEntry(stored, running.setOf(scope.orgId))
  },
})

const WHEN =
  'It applies to events that are stored from now on and whose own time lies in its period; numbers that are stored already stay, until a recomputation takes it up.'

export const factorCreateRoute = orgRoute({
  permission: 'factors:write',
  idempotent: 'in one transaction',
  method: 'post',
  path: '/v1/factors',
  tag: TAG,
  summary: 'State a factor of your own',
  description: `In place of that of the set, for the calls of a provider and a model of this organisation. ${WHEN} A name goes before a pattern, a longer pattern before a shorter one; two for the same name may not overlap in time. \`factor_set\` of the answer is null until the loader has taken it up; with an \`Idempotency-Key\` it always is.`,
  query,
  body: overrideBody,
  status: 201,
  answer: overrideItem,
  errors: [...WRITE_ERRORS],
  handle: (context, scope, asked) =>
    changed(context, scope, asked, (queries, running) =>
      createOverride(queries, changeOf(context, scope, running, asked), contentOfBody(asked.body, context.nowMs())),
    ),
})

export const factorReplaceRoute = orgRoute({
  permission: 'factors:write',
  method: 'put',
  path: '/v1/factors/:id',
  tag: TAG,
  summary: 'Replace an override',
  description: `What is left out is taken away. ${WHEN}`,
  query,
  pathParameters,
  body: overrideBody,
  answer: overrideItem,
  errors: [...WRITE_ERRORS],
  handle: (context, scope, asked) =>
    changed(context, scope, asked, (queries, running) =>
      replaceOverride(queries, changeOf(context, scope, running, asked), asked.path.id, () =>
        contentOfBody(asked.body, context.nowMs()),
      ),
    ),
})

export const factorPatchRoute = orgRoute({
  permission: 'factors:write',
  method: 'patch',
  path: '/v1/factors/:id',
  tag: TAG,
  summary: 'Change fields of an override',
  description: `What is left out stays; null takes an optional field away. ${WHEN}`,
  query,
  pathParameters,
  body: overridePatch,
  answer: overrideItem,
  errors: [...WRITE_ERRORS],
  handle: (context, scope, asked) =>
    changed(context, scope, asked, (queries, running) =>
      replaceOverride(queries, changeOf(context, scope, running, asked), asked.path.id, (before) =>
        patchedContent(before, asked.body, context.nowMs()),
      ),
    ),
})

export const factorDeleteRoute = orgRoute({
  permission: 'factors:write',
  method: 'delete',
  path: '/v1/factors/:id',
  tag: TAG,
  summary: 'Take an override back',
  description:
    'Events that are stored from now on are computed with the factors of the set again. Stored numbers stay and can still be explained.',
  query,
  pathParameters,
  answer: overrideDeleted,
  errors: [...READ_ERRORS],
  handle: async (context, scope, asked) => {
    const running = runningOf(context)
    const stored = await scope.keep((queries) =>
      deleteOverride(queries, changeOf(context, scope, running, asked), asked.path.id),
    )
    await takeUp(context, running)
    const { id, version } = stored.override
    return { id, version, deleted_at: stored.createdAt.toISOString() }
  },
})

type Keep = Parameters<OrgScope['keep']>[0]

async function changed(
  context: ApiContext,
  scope: OrgScope,
  { afterwards }: Pick<Asked<unknown, unknown, unknown>, 'afterwards'>,
  work: (queries: Parameters<Keep>[0], running: RunningFactors) => Promise<StoredOverride>,
) {
  const running = runningOf(context)
  const stored = await scope.keep((queries) => work(queries, running))
  await afterwards(() => takeUp(context, running))
  return overrideEntry(stored, running.setOf(scope.orgId))
}

/** The change is durable already: when the loader can't take it up now, it does so at its next look. */
async function takeUp(context: ApiContext, running: RunningFactors): Promise<void> {
  try {
    await running.refresh()
  } catch (error) {
    context.logger.warn({ err: error }, 'a change of overrides is stored, but not taken up by the loader yet')
  }
}

function changeOf(
  context: ApiContext,
  scope: OrgScope,
  running: RunningFactors,
  asked: Pick<Asked<unknown, unknown, unknown>, 'req' | 'res'>,
): Change {
  return {
    orgId: scope.orgId,
    doer: doerOf(scope.access, asked, context.nowMs()),
    check: (override) => checkContent(override, running.base),
  }
}

function runningOf({ runningFactors }: ApiContext): RunningFactors {
  if (runningFactors === null) throw new ApiError('database_unavailable', 'This process has no factors of its own')
  return runningFactors
}

function holds(search: string | undefined, texts: readonly string[]): boolean {
  const wanted = search?.toLowerCase()
  return wanted === undefined || texts.some((t) => t.toLowerCase().includes(wanted))
}

type Found = StoredOverride | { readonly id: string }

const placeOf = (entry: Found): z.output<typeof place> =>
  'override' in entry ? { kind: 'override', id: entry.override.id } : { kind: 'factor', id: entry.id }

function isBehind(entry: z.output<typeof place>, after: z.output<typeof place>): boolean {
  return entry.kind === after.kind ? entry.id > after.id : entry.kind === 'factor'
}
