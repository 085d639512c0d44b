/**
 * A factor that an organisation states itself for some of its calls: what it measured, or what its provider told it.
 * Field names are those of the stored record and of the API.
 */
import { z } from 'zod'

const finite = z.number().min(0, 'must be 0 or more')
const range = z
  .strictObject({ low: finite, central: finite, high: finite })
  .refine((q) => q.low <= q.central, { error: 'low must not exceed central' })
  .refine((q) => q.central <= q.high, { error: 'central must not exceed high' })
  .refine((q) => q.central > 0 || q.high === 0, { error: 'a central of 0 needs a high of 0' })

const boundary = z.enum(['gpu', 'it', 'facility'])

const tokenForm = z.strictObject({
  form: z.literal('tokens'),
  boundary,
  base_wh: range,
  wh_per_1k_in: range,
  /** Absent, as for cache_write: cached tokens take as much as fresh ones. */
  wh_per_1k_cache_read: range.optional(),
  wh_per_1k_cache_write: range.optional(),
  wh_per_1k_out: range,
  /** Absent: none. */
  wh_per_1k_in_squared: range.optional(),
})
const callForm = z.strictObject({
  form: z.literal('call'),
  boundary,
  kwh_per_call: range,
})

export const factorOverride = z
  .strictObject({
    id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be letters, digits, _ and -'),
    /** 1 and up; a change of an override is a new version of it. */
    version: z.number().int().min(1),
    /** As events name it; aliases of the set mean the same provider. */
    provider: z.string().min(1).max(64),
    /** A name as events have it, in any spelling of the set's rules, or with `*` for any text. */
    model: z
      .string()
      .max(128)
      .regex(/[A-Za-z0-9]/, 'must hold a letter or digit'),
    energy: z.discriminatedUnion('form', [tokenForm, callForm]),
    /** Absent, as for the two that follow: those of the provider in the set. */
    pue: range.refine((q) => q.low >= 1, { error: 'low must be 1 or more: PUE is facility over IT energy' }).optional(),
    wue_onsite_l_per_kwh_it: range.optional(),
    /** Where calls that name no region are served. */
    region: z.string().min(1).max(64).optional(),
    /** Epoch milliseconds of the event's own time, half-open; `valid_to_ms` null: for ever. */
    valid_from_ms: z.number().int(),
    valid_to_ms: z.number().int().nullable(),
    tier: z.enum(['A', 'B', 'C', 'D', 'E']),
    evidence: z.strictObject({
      text: z.string().min(1).max(2000),
      url: z.url().optional(),
      year: z.number().int().min(1990).max(2100),
    }),
  })
  .refine((o) => o.valid_to_ms === null || o.valid_to_ms > o.valid_from_ms, {
    error: 'must lie behind valid_from_ms',
    path: ['valid_to_ms'],
  })

export type FactorOverride = z.output<typeof factorOverride>
