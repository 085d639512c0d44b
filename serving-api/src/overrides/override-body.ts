/** What a client sends to state or change an override, and how it becomes one. */
import { type FactorOverride, type FactorSet, factorOverride } from '@ecomind/footprint'
import { parseRfc3339 } from '@ecomind/schemas'
import { z } from 'zod'
import { invalidParameter } from '../http/api-error.ts'
import { isPrintable, UNPRINTABLE_MESSAGE } from '../parameters/shapes.ts'
import { checkMagnitudes } from './magnitudes.ts'
import type { OverrideContent } from './override-store.ts'

const fields = factorOverride.shape
const time = z.string().refine((text) => parseRfc3339(text) !== null, { error: 'an RFC 3339 time is wanted' })
const printable = { error: UNPRINTABLE_MESSAGE }
const breaksOfLine = /[\t\n\r]/g
const evidence = z.strictObject({
  text: fields.evidence.shape.text.refine((text) => isPrintable(text.replace(breaksOfLine, ' ')), printable),
  url: z.url({ protocol: /^https?$/, error: 'an http or https address is wanted' }).optional(),
  year: fields.evidence.shape.year.optional(),
})

const stated = {
  provider: fields.provider.refine(isPrintable, printable).describe('as events name it'),
  model: fields.model.refine(isPrintable, printable).describe('a name in any spelling, or with * for any text'),
  energy: fields.energy.describe('figures per token or per call, low, central and high'),
  evidence: evidence.describe('what the figures rest on; `year` defaults to the present one'),
}
const site = {
  pue: fields.pue.describe('default: that of the provider or region'),
  wue_onsite_l_per_kwh_it: fields.wue_onsite_l_per_kwh_it.describe('litres per kWh IT; default: as for pue'),
  region: fields.region
    .unwrap()
    .refine(isPrintable, printable)
    .optional()
    .describe('where calls that name no region are served'),
  tier: fields.tier.optional().describe('grade of the evidence, A to E; default E'),
  valid_from: time.optional().describe('start, part of the period; default: now'),
  valid_to: time.nullable().optional().describe('end, not part of the period; default null: for ever'),
}

/** POST and PUT. */
export const overrideBody = z.strictObject({ ...stated, ...site }).meta({ id: 'OverrideBody' })
/** PATCH: what is absent stays, null takes an optional field away. */
export const overridePatch = z
  .strictObject({
    ...z.object(stated).partial().shape,
    ...site,
    pue: fields.pue.nullable(),
    wue_onsite_l_per_kwh_it: fields.wue_onsite_l_per_kwh_it.nullable(),
    region: site.region.nullable(),
  })
  .meta({ id: 'OverridePatch' })

type Body = z.output<typeof overrideBody>
type Patch = z.output<typeof overridePatch>

const msOf = (text: string): number => parseRfc3339(text) ?? Number.NaN

export function contentOfBody(body: Body, nowMs: number): OverrideContent {
  const { valid_from, valid_to, tier, evidence, ...rest } = body
  return {
    ...defined(rest),
    tier: tier ?? 'E',
    evidence: { ...defined(evidence), year: evidence.year ?? new Date(nowMs).getUTCFullYear() },
    valid_from_ms: valid_from === undefined ? nowMs : msOf(valid_from),
    valid_to_ms: valid_to === undefined || valid_to === null ? null : msOf(valid_to),
  }
}

export function patchedContent(before: FactorOverride, patch: Patch, nowMs: number): OverrideContent {
  const { id: _id, version: _version, valid_from_ms, valid_to_ms, ...rest } = before
  const { valid_from, valid_to, evidence, ...changes } = patch
  const kept = Object.entries({ ...rest, ...defined(changes) }).filter(([, value]) => value !== null)
  return {
    ...(Object.fromEntries(kept) as typeof rest),
    ...(evidence === undefined
      ? {}
      : { evidence: { ...defined(evidence), year: evidence.year ?? new Date(nowMs).getUTCFullYear() } }),
    valid_from_ms: valid_from === undefined ? valid_from_ms : msOf(valid_from),
    valid_to_ms: valid_to === undefined ? valid_to_ms : valid_to === null ? null : msOf(valid_to),
  }
}

const PUBLIC_NAMES: Readonly<Record<string, string>> = { valid_from_ms: 'valid_from', valid_to_ms: 'valid_to' }

/** Rules over several fields, and those that need the set. @throws ApiError invalid_parameter with field and rule */
export function checkContent(override: FactorOverride, set: FactorSet): void {
  const parsed = factorOverride.safeParse(override)
  const issue = parsed.error?.issues[0]
  if (issue !== undefined) {
    const rename = (text: string): string => text.replace(/valid_(from|to)_ms/g, (name) => PUBLIC_NAMES[name] ?? name)
    throw invalidParameter(rename(issue.path.map(String).join('.')), rename(issue.message))
  }
  checkMagnitudes(override)
  if (override.region !== undefined && set.resolveGrid(override.region, override.provider).kind === 'world')
    throw invalidParameter('region', 'a region that the factor set knows is wanted')
}

/** Without the fields that are undefined: absent is not the same as stated to be nothing. */
function defined<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never
}
