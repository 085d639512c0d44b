/** The body of `POST /v1/whatif`. */
import { z } from 'zod'
import { filters } from '../parameters/filters.ts'
import { from, text, to, tz } from '../parameters/shapes.ts'

const name = (max: number) => text(max, `1 to ${max} characters are wanted`)

export const changeBody = z
  .strictObject({
    model: name(128)
      .optional()
      .describe('another model; a model that is not known by name is guessed by class and flagged'),
    provider: name(64).optional().describe('another provider; absent: each call stays at its own'),
    region: name(64).optional().describe('another serving region: a cloud region, zone or ISO country'),
    grid: name(64).optional().describe('another grid by its id in the factor set; not together with region'),
    service_tier: z
      .enum(['standard', 'batch', 'flex'], { message: 'standard, batch or flex is wanted' })
      .optional()
      .describe('another service tier'),
    cache_read_share: z
      .number({ message: 'a number from 0 to 1 is wanted' })
      .min(0, { message: 'a number from 0 to 1 is wanted' })
      .max(1, { message: 'a number from 0 to 1 is wanted' })
      .optional()
      .describe('this share of the input tokens read from a cache'),
    period: z
      .strictObject({ from, to })
      .optional()
      .describe('the work of another period instead, with all the rest of the change applied to it'),
  })
  .refine((c) => Object.values(c).some((v) => v !== undefined), {
    message: 'at least one of model, provider, region, grid, service_tier, cache_read_share, period is wanted',
  })
  .refine((c) => c.region === undefined || c.grid === undefined, {
    message: 'region or grid is wanted, not both',
    path: ['grid'],
  })

export const whatifBody = z
  .strictObject({
    org_id: z
      .string()
      .regex(/^[A-Za-z0-9_.:-]{1,64}$/, { message: '1 to 64 characters of A-Z a-z 0-9 _ . : - are wanted' })
      .optional()
      .describe('the organisation, here or in the query'),
    from,
    to,
    filter: filters.optional().describe('as in GET /v1/usage: `field:value` keeps, `-field:value` drops'),
    change: changeBody,
    tz,
  })
  .meta({ id: 'WhatifRequest' })
export type ChangeBody = z.output<typeof changeBody>
