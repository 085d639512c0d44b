/** Answer of `GET /v1/intensity`: impact per unit of work. */
import { z } from 'zod'
import { groupNames, range } from './answers.ts'
import { rfc3339 } from './numbers.ts'

const perUnit = (text: string) => range.nullable().describe(`${text}; null when there was none to divide by`)

export const intensityNumbers = z
  .object({
    calls: z.number().int(),
    tokens: z.number().int().describe('tokens in, out, and reasoning reported apart'),
    users: z.number().int().describe('distinct users with at least one call'),
    sci: z
      .object({
        energy_kwh: range.describe('E'),
        intensity_g_per_kwh: z
          .number()
          .nullable()
          .describe('I, location-based: g CO2e of the electricity per kWh, weighted by the kWh'),
        embodied_g: z.number().describe('M: share of making the hardware, g CO2e'),
        total_g: range.describe('E x I + M'),
      })
      .describe('parts of the SCI score (E x I + M) per R, ISO/IEC 21031'),
    g_per_1k_tokens: perUnit('g CO2e per 1,000 tokens'),
    g_per_call: perUnit('g CO2e per call'),
    g_per_user: perUnit('g CO2e per active user of the period'),
    wh_per_call: perUnit('Wh per call'),
  })
  .meta({ id: 'IntensityNumbers' })

export const intensityItem = intensityNumbers
  .extend({
    ...groupNames.shape,
  })
  .meta({ id: 'IntensityItem' })

export const intensityAnswer = z
  .object({
    from: rfc3339,
    to: rfc3339,
    tz: z.string(),
    items: z.array(intensityItem).describe('one per group, ascending by the group fields; one without group_by'),
    totals: intensityNumbers,
  })
  .meta({ id: 'IntensityAnswer' })

export type IntensityNumbers = z.output<typeof intensityNumbers>
export type IntensityItem = z.output<typeof intensityItem>
export type IntensityAnswer = z.output<typeof intensityAnswer>
