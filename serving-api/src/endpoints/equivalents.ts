/** `GET /v1/equivalents`: an amount of energy, water or CO2e beside everyday things. */
import { countEquivalents, type Range } from '@ecomind/footprint'
import { loadEquivalents } from '@ecomind/footprint/node'
import { type EquivalentsAnswer, equivalentsAnswer } from '@ecomind/schemas'
import { z } from 'zod'
import { invalidParameter } from '../http/api-error.ts'
import { orgRoute } from '../http/route.ts'
import { orgId } from '../parameters/shapes.ts'

const AMOUNT_MAX = 1e15
const WANTED = 'a number from 0 to 1e15, or low,central,high, is wanted'
const NUMBER = /^\d{1,15}(?:\.\d{1,15})?(?:[eE][+-]?\d{1,2})?$/

const amount = (text: string) =>
  z
    .string()
    .transform((value, ctx): Range => {
      const parts = value.split(',').map((part) => (NUMBER.test(part) ? Number(part) : Number.NaN))
      const [low = Number.NaN, central = low, high = central] = parts
      const good = parts.length === 1 || parts.length === 3
      if (good && low >= 0 && low <= central && central <= high && high <= AMOUNT_MAX) return { low, central, high }
      ctx.addIssue(WANTED)
      return z.NEVER
    })
    .optional()
    .describe(`${text}: one number, or low,central,high`)

/** Read once: the comparisons ship with the product. */
const EQUIVALENTS = loadEquivalents()

export const equivalentsRoute = orgRoute({
  permission: 'usage:read',
  method: 'get',
  path: '/v1/equivalents',
  tag: 'Usage',
  summary: 'Everyday things beside an amount',
  description:
    'Comparisons for the amounts that are given, each with its source, year and boundary. They are for a feeling of size: what a source counts is rarely what a footprint counts, and `boundary` says how it differs.',
  query: z.strictObject({ org_id: orgId, kwh: amount('kWh'), water_l: amount('litres'), co2_kg: amount('kg CO2e') }),
  answer: equivalentsAnswer,
  errors: ['invalid_parameter', 'not_found'],
  handle: async (_context, _scope, { query }): Promise<EquivalentsAnswer> => {
    const { org_id: _org, ...given } = query
    const amounts = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
    if (Object.keys(amounts).length === 0)
      throw invalidParameter('co2_kg', 'at least one of kwh, water_l, co2_kg is wanted')
    return {
      items: countEquivalents(EQUIVALENTS, amounts).map(({ equivalent, count }) => {
        const { id, title, url, year, licence } = equivalent.source
        return {
          id: equivalent.id,
          quantity: equivalent.quantity,
          count,
          unit: equivalent.unit,
          name: equivalent.name,
          per_unit: equivalent.perUnit,
          boundary: equivalent.boundary,
          source: { id, title, url, year, licence },
        }
      }),
    }
  },
})
