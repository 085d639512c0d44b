/** `POST /v1/whatif`: the same work on another model, region, grid, tier or cache share, or that of another period. */
import { type Change, type WhatifAnswer, whatifAnswer } from '@ecomind/schemas'
import { z } from 'zod'
import { invalidParameter } from '../http/api-error.ts'
import { orgRoute } from '../http/route.ts'
import { orgId } from '../parameters/shapes.ts'
import { periodOf } from '../parameters/times.ts'
import { isoPeriod } from '../time/windows.ts'
import { assumptionsOf } from '../whatif/assumptions.ts'
import { type ChangeBody, whatifBody } from '../whatif/change-shape.ts'
import { type ComparedWork, comparePeriods, compareWork } from '../whatif/compare-work.ts'
import { askWork, type PlacedWork } from '../work/ask-work.ts'

const MOVES_MAX = 50

export const whatifRoute = orgRoute({
  permission: 'usage:read',
  method: 'post',
  path: '/v1/whatif',
  tag: 'Scenarios',
  summary: 'The same work done otherwise',
  description: [
    'Answers from the rollups in one question: the stored sums of tokens, computed under the change with the factors of the set that each call was stored with. Nothing is written.',
    'The range of the difference leaves out the errors that both sides share: on another grid the energy of the same model cancels, under another model the grid does. A range that holds 0 means that the saving is not sure.',
    'A smaller model is not the same quality; `assumptions` say what has to hold. `org_id` may stand in the query or in the body.',
  ].join('\n\n'),
  query: z.strictObject({ org_id: orgId.optional() }),
  body: whatifBody,
  orgInBody: true,
  answer: whatifAnswer,
  errors: [
    'invalid_parameter',
    'not_found',
    'result_too_large',
    'overloaded',
    'database_unavailable',
    'query_timeout',
    'unsupported_media_type',
    'body_too_large',
    'malformed_json',
  ],
  handle: async (context, scope, { body }): Promise<WhatifAnswer> => {
    const zone = body.tz ?? scope.tz
    const period = periodOf(body.from, body.to, zone)
    const { period: otherPeriod, ...change } = body.change
    const other =
      otherPeriod === undefined ? undefined : periodOf(otherPeriod.from, otherPeriod.to, zone, 'change.period.to')
    const periods = other === undefined ? [period] : [period, other]
    const { placed, callsLeftOut } = await askWork(scope, context.factors, {
      tz: zone,
      periods,
      filters: body.filter ?? [],
      // Another provider may serve other models under the same name.
      names: change.provider !== undefined && change.model === undefined,
    })
    const work = placed.filter((p) => p.period === 0)
    refuseTierWithoutFigure(work, body.change)
    const { moves, ...compared } =
      other === undefined
        ? compareWork(work, change)
        : comparePeriods(
            work,
            placed.filter((p) => p.period === 1),
            change,
          )
    return {
      ...isoPeriod(period),
      tz: zone,
      change: { ...change, ...(other === undefined ? {} : { period: isoPeriod(other) }) } as Change,
      calls_left_out: callsLeftOut,
      ...(compared satisfies Omit<ComparedWork, 'moves'>),
      flags: [...compared.flags],
      reported: reportedOf(work),
      moves: moves.slice(0, MOVES_MAX),
      moves_total: moves.length,
      assumptions: assumptionsOf(body.change as Change),
    }
  },
})

/** A tier that no factor of the work has a figure for would answer 0 and look like knowledge. */
function refuseTierWithoutFigure(work: readonly PlacedWork[], { service_tier: tier, ...rest }: ChangeBody): void {
  const alone = Object.values(rest).every((v) => v === undefined)
  if (tier === undefined || tier === 'standard' || !alone || work.length === 0) return
  const known = work.some(({ factor }) => factor.service_tier === tier || factor.tier_multipliers?.[tier] !== undefined)
  const other = work.some(({ factor }) => factor.service_tier !== undefined)
  if (!known && !other)
    throw invalidParameter('change.service_tier', `the factors of this work have no figure for the tier "${tier}"`)
}

function reportedOf(work: readonly PlacedWork[]): WhatifAnswer['reported'] {
  const sum = (value: (w: PlacedWork) => number): number => work.reduce((total, w) => total + value(w), 0)
  return {
    kwh: sum((w) => w.stored.kwh.central),
    water_l: sum((w) => w.stored.waterL.central),
    co2_kg: sum((w) => w.stored.co2Kg.central),
  }
}
