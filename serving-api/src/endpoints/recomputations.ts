/** `/v1/recomputations`: previews, runs and takes back the recomputation of an organisation's past. */
import { type FactorSet, isOverridden, isSnapshotId } from '@ecomind/footprint'
import {
  type Recomputation,
  type RecomputationPreview,
  recomputation,
  recomputationAnswer,
  recomputationsAnswer,
} from '@ecomind/schemas'
import { z } from 'zod'
import type { ApiContext } from '../context.ts'
import { ApiError, invalidParameter } from '../http/api-error.ts'
import { orgRoute } from '../http/route.ts'
import { orgId } from '../parameters/shapes.ts'
import { date } from '../parameters/times.ts'
import type { ChunkPeriod } from '../recomputation/compiled-calls.ts'
import { previewOf } from '../recomputation/preview.ts'
import type { Recomputations } from '../recomputation/recomputations.ts'
import type { Run } from '../recomputation/run.ts'
import type { OrgScope } from '../scope.ts'
import { uniformPeriods } from '../time/uniform-periods.ts'
import { askWork } from '../work/ask-work.ts'

const DAY_MS = 86_400_000
/** Raw events of older days may be gone (clickhouse/migrations/0001). */
const DAYS_MAX = 1130
/** Parts of a period that one preview asks about: months, cut where overrides begin and end. */
const PARTS_MAX = 200
const ERRORS = ['invalid_parameter', 'not_found', 'overloaded', 'database_unavailable', 'query_timeout'] as const

const pathId = z.object({ id: z.string().describe('id of the run') })
const orgQuery = z.strictObject({ org_id: orgId })

const body = z.strictObject({
  org_id: orgId.optional(),
  from: date.describe('first UTC day, YYYY-MM-DD'),
  to: date.describe('the UTC day behind the last one; the same as `from`: that one day'),
  factor_set: z.string().min(1).max(200).optional().describe('default: what new calls are computed with'),
  mode: z.enum(['preview', 'run']).default('preview'),
})

export const recomputeRoute = orgRoute({
  permission: 'recomputations:run',
  idempotent: 'repeatable',
  method: 'post',
  path: '/v1/recomputations',
  tag: 'Recomputation',
  summary: 'Preview or run a recomputation of the past',
  description: [
    'With `mode` `preview`, the default, nothing is written: the answer is the difference between the numbers of now and those under the factor set, by model, region and month, split into the change by factors (on the grids of before) and the change by grids. It comes from the sums of the rollups.',
    'With `mode` `run` the same is posted as a new generation, in chunks of whole UTC days, and goes on after a stop or a kill. A chunk waits while events that have arrived are still being loaded. The same request again answers the same run. Until it is done, answers keep the state before it; then they are the new one, and `generation=` of `/v1/usage`, `/v1/aggregate/daily` and `/v1/today` still answers the earlier ones.',
    'The events themselves keep the numbers and the set of their arrival; overrides of the organisation apply from their start when they are part of the set.',
  ].join('\n\n'),
  query: z.strictObject({ org_id: orgId.optional() }),
  body,
  orgInBody: true,
  answer: recomputationAnswer,
  errors: [...ERRORS, 'conflict', 'result_too_large', 'unsupported_media_type', 'body_too_large', 'malformed_json'],
  handle: async (context, scope, { body: asked }) => {
    const runs = runsOf(context)
    const period = daysOf(asked.from, asked.to)
    const factorSet = asked.factor_set ?? (await runs.runningSetId(scope.orgId))
    const preview = await makePreview(context, scope, period, factorSet)
    if (asked.mode === 'preview') return { preview, run: null }
    const run = await runs.start({ orgId: scope.orgId, period, factorSet, actor: scope.access.actor, report: preview })
    return { preview, run: toAnswer(run) }
  },
})

export const recomputationsRoute = orgRoute({
  permission: 'recomputations:read',
  method: 'get',
  path: '/v1/recomputations',
  tag: 'Recomputation',
  summary: 'The recomputations of an organisation',
  description: 'All runs, the newest generation last, those taken back included.',
  query: orgQuery,
  answer: recomputationsAnswer,
  errors: ERRORS,
  handle: async (context, scope) => ({ items: runsOf(context).list(scope.orgId).map(toAnswer) }),
})

export const recomputationRoute = orgRoute({
  permission: 'recomputations:read',
  method: 'get',
  path: '/v1/recomputations/:id',
  tag: 'Recomputation',
  summary: 'One recomputation and its progress',
  description: 'A `failed` run says why; the same POST again carries it on.',
  query: orgQuery,
  pathParameters: pathId,
  answer: recomputation,
  errors: ERRORS,
  handle: async (context, scope, { path }) => toAnswer(runsOf(context).get(scope.orgId, path.id)),
})

export const takeBackRoute = orgRoute({
  permission: 'recomputations:run',
  method: 'delete',
  path: '/v1/recomputations/:id',
  tag: 'Recomputation',
  summary: 'Take the newest recomputation back',
  description:
    'Removes its rows from the rollups; answers are those of the generation before at once. Only the newest run that was not taken back can go, and not while it runs.',
  query: orgQuery,
  pathParameters: pathId,
  answer: recomputation,
  errors: [...ERRORS, 'conflict'],
  handle: async (context, scope, { path }) => toAnswer(await runsOf(context).takeBack(scope.orgId, path.id)),
})

export const retireEarlierRoute = orgRoute({
  permission: 'recomputations:run',
  idempotent: 'repeatable',
  method: 'post',
  path: '/v1/recomputations/:id/retire-earlier',
  tag: 'Recomputation',
  summary: 'Retire the generations before a recomputation',
  description: 'From then on `generation=` does not answer earlier ones, and the run cannot be taken back.',
  query: orgQuery,
  pathParameters: pathId,
  body: z.strictObject({}),
  answer: recomputation,
  errors: [...ERRORS, 'conflict', 'unsupported_media_type', 'body_too_large', 'malformed_json'],
  handle: async (context, scope, { path }) => toAnswer(await runsOf(context).retireEarlier(scope.orgId, path.id)),
})

function runsOf(context: ApiContext): Recomputations {
  if (context.recomputations !== null) return context.recomputations
  throw new ApiError('conflict', 'This process does not run recomputations')
}

function daysOf(from: number, to: number): ChunkPeriod {
  if (to < from) throw invalidParameter('to', 'must not be before from')
  const end = Math.max(to, from + 1)
  if (end - from > DAYS_MAX) throw invalidParameter('to', `must be at most ${DAYS_MAX} days after from`)
  return { fromMs: from * DAY_MS, toMs: end * DAY_MS }
}

async function makePreview(
  context: ApiContext,
  scope: OrgScope,
  period: ChunkPeriod,
  factorSet: string,
): Promise<RecomputationPreview> {
  const set = await setOf(context, scope, factorSet)
  const months = uniformPeriods(period, isOverridden(set) ? set.changesMs : [])
  if (months.length > PARTS_MAX)
    throw new ApiError('result_too_large', 'Too many overrides begin or end in this period; ask for a shorter one')
  const { placed, callsLeftOut } = await askWork(scope, context.factors, {
    tz: 'UTC',
    periods: months,
    filters: [],
    names: true,
    ranges: true,
  })
  return previewOf(placed, { set, months, from: isoDay(period.fromMs), to: isoDay(period.toMs), callsLeftOut })
}

/** Overrides of another organisation do not exist for this one. @throws ApiError not_found */
async function setOf(context: ApiContext, scope: OrgScope, id: string): Promise<FactorSet> {
  const set = isSnapshotId(id) ? null : await context.factors.get(id)
  if (set !== null && (!isOverridden(set) || set.orgId === scope.orgId)) return set
  throw new ApiError('not_found', 'There is no such factor set', { field: 'factor_set' })
}

function toAnswer(run: Run): Recomputation {
  return {
    id: run.id,
    org_id: run.orgId,
    generation: run.generation,
    from: isoDay(run.fromMs),
    to: isoDay(run.toMs),
    factor_set: run.factorSet,
    actor: run.actor,
    state: run.state,
    started_at: new Date(run.startedAtMs).toISOString(),
    finished_at: run.finishedAtMs === null ? null : new Date(run.finishedAtMs).toISOString(),
    progress: { chunks: run.chunks.length, chunks_done: run.chunksDone },
    error: run.error,
    earlier_retired: run.earlierRetired,
    report: run.report,
  }
}

const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
