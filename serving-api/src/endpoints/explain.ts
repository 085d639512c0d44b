/** `GET /v1/events/{id}/explain`: the computation of one event, with the very factors it was made with. */
import { activityOfCall, explain, type FootprintUnits, recompute, restoreMatch } from '@ecomind/footprint'
import { explainAnswer } from '@ecomind/schemas'
import { z } from 'zod'
import { ApiError } from '../http/api-error.ts'
import { orgRoute } from '../http/route.ts'
import { parseDecimal } from '../numbers/decimal.ts'
import { orgId, text } from '../parameters/shapes.ts'
import { eventQuestion } from '../questions/event.ts'
import { type EventRow, type StoredDecimal, toEventItem } from '../questions/event-row.ts'

const UNIT_NAMES: Readonly<Record<StoredDecimal, keyof FootprintUnits>> = {
  kwh: 'kwh',
  kwh_low: 'kwhLow',
  kwh_high: 'kwhHigh',
  water_l: 'waterL',
  water_l_low: 'waterLLow',
  water_l_high: 'waterLHigh',
  water_l_onsite: 'waterLOnsite',
  co2_kg: 'co2Kg',
  co2_kg_low: 'co2KgLow',
  co2_kg_high: 'co2KgHigh',
  co2_kg_use: 'co2KgUse',
}

export const explainRoute = orgRoute({
  permission: 'events:read',
  method: 'get',
  path: '/v1/events/:id/explain',
  tag: 'Events',
  summary: 'How the numbers of one event came about',
  description:
    'Every step with its formula, inputs, units and sources, under the factor set the event was computed with. `reproduced` tells that the steps, computed again, give exactly the stored numbers.',
  query: z.strictObject({ org_id: orgId }),
  pathParameters: z.object({ id: text(256, '1 to 256 characters are wanted').describe('event_id, percent-encoded') }),
  answer: explainAnswer,
  errors: ['invalid_parameter', 'not_found', 'overloaded', 'database_unavailable', 'query_timeout'],
  handle: async (context, scope, { path }) => {
    const row = await scope.ask(eventQuestion(path.id))
    if (row === null) throw new ApiError('not_found', 'There is no such event in this organisation')
    const set = await context.factors.get(row.factor_set)
    const match = set === null ? undefined : restoreMatch(set, storedMatch(row))
    if (set === null || match === undefined) {
      throw new Error(`explain ${row.factor_set}: its factors ${row.factor_id}, ${row.grid_id} are not in the database`)
    }
    const { factor, grid, steps, sources, flags } = explain(match.factor, match.grid, activityOfCall(row), set.sources)
    return {
      event: toEventItem(row),
      factor_set: set.id,
      method_version: set.methodVersion,
      factor,
      grid,
      steps,
      sources,
      flags,
      reproduced: isReproduced(row, recompute(steps)),
    }
  },
})

function storedMatch(row: EventRow): Parameters<typeof restoreMatch>[1] {
  return {
    factorId: row.factor_id,
    factorMatch: row.factor_match as Parameters<typeof restoreMatch>[1]['factorMatch'],
    gridId: row.grid_id,
    gridMatch: row.grid_match as Parameters<typeof restoreMatch>[1]['gridMatch'],
    region: row.region,
    regionInferred: row.region_inferred,
  }
}

function isReproduced(row: EventRow, units: FootprintUnits): boolean {
  return Object.entries(UNIT_NAMES).every(
    ([stored, name]) => parseDecimal(row[stored as StoredDecimal]) === BigInt(units[name]),
  )
}
