/**
 * The usage event, in the two shapes it has inside the product: the JSON that clients send (zod) and the
 * normalised record that everything behind the edge works with. Rules: contract section 3.
 */
import { z } from 'zod'
import { isContentField } from './content-fields.ts'
import type { EventErrorCode } from './error-codes.ts'
import { parseRfc3339 } from './rfc3339.ts'

/** Highest token count one event may state. */
export const TOKENS_MAX = 10_000_000
/** Highest latency one event may state: one day, in milliseconds. */
export const LATENCY_MS_MAX = 86_400_000
export const TAGS_MAX = 16
export const TAG_KEY_LENGTH_MAX = 64
export const TAG_VALUE_LENGTH_MAX = 256

export const SOURCES = ['sdk', 'extension', 'otlp', 'import', 'api'] as const
export const TOKENS_SOURCES = ['provider', 'tokenizer', 'estimate'] as const
export const SERVICE_TIERS = ['batch', 'flex', 'priority'] as const

/** The normalised event behind the edge. Names are those of the contract; absent optional values are null. */
export interface UsageEvent {
  readonly org_id: string
  readonly event_id: string
  readonly user_id: string
  /** Lower-cased. */
  readonly provider: string
  readonly model: string
  readonly tokens_in: number
  readonly tokens_out: number
  /** Epoch milliseconds, UTC. */
  readonly ts: number
  readonly region: string | null
  readonly team_id: string | null
  readonly project_id: string | null
  readonly source: string | null
  readonly tokens_cache_read: number | null
  readonly tokens_cache_write: number | null
  readonly tokens_reasoning: number | null
  readonly reasoning_separate: boolean
  readonly latency_ms: number | null
  readonly tokens_source: string | null
  readonly service_tier: string | null
  /** Keys in ascending order of UTF-16 code units. */
  readonly tags: Readonly<Record<string, string>>
}

/** What a string field may hold. Lengths count characters (Unicode code points), as JSON Schema and zod do. */
export interface TextRule {
  readonly kind: 'string'
  readonly min: number
  readonly max: number
  readonly pattern?: RegExp
}

/** What one field may hold, as data: the zod shape, the edge's fast check and the docs are all made from it. */
export type FieldRule =
  | TextRule
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'ts' }
  | { readonly kind: 'tags' }

export interface FieldSpec {
  readonly required: boolean
  readonly rule: FieldRule
}

const tokens = { kind: 'integer', min: 0, max: TOKENS_MAX } as const
/** Visible characters only: control characters and lone surrogates are refused in every string field. */
const text = (min: number, max: number, pattern?: RegExp): TextRule =>
  pattern === undefined ? { kind: 'string', min, max } : { kind: 'string', min, max, pattern }

/** The closed list of fields, in the order of the contract. */
export const EVENT_FIELDS = {
  org_id: { required: true, rule: text(1, 64, /^[A-Za-z0-9_.:-]+$/) },
  user_id: { required: true, rule: text(1, 256) },
  provider: { required: true, rule: text(1, 64) },
  model: { required: true, rule: text(1, 128) },
  tokens_in: { required: true, rule: tokens },
  tokens_out: { required: true, rule: tokens },
  ts: { required: true, rule: { kind: 'ts' } },
  region: { required: false, rule: text(1, 64) },
  event_id: { required: false, rule: text(8, 64) },
  team_id: { required: false, rule: text(1, 128) },
  project_id: { required: false, rule: text(1, 128) },
  source: { required: false, rule: { kind: 'enum', values: SOURCES } },
  tokens_cache_read: { required: false, rule: tokens },
  tokens_cache_write: { required: false, rule: tokens },
  tokens_reasoning: { required: false, rule: tokens },
  reasoning_separate: { required: false, rule: { kind: 'boolean' } },
  latency_ms: { required: false, rule: { kind: 'integer', min: 0, max: LATENCY_MS_MAX } },
  tokens_source: { required: false, rule: { kind: 'enum', values: TOKENS_SOURCES } },
  service_tier: { required: false, rule: { kind: 'enum', values: SERVICE_TIERS } },
  tags: { required: false, rule: { kind: 'tags' } },
} as const satisfies Record<string, FieldSpec>

export type EventField = keyof typeof EVENT_FIELDS

/** Control characters (C0, DEL, C1) and lone surrogates: no name or id needs them, logs and CSV suffer from them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the point
export const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f]|\p{Surrogate}/u

const zText = (rule: { min: number; max: number; pattern?: RegExp }) => {
  const base = z.string().min(rule.min).max(rule.max)
  const shaped = rule.pattern === undefined ? base : base.regex(rule.pattern)
  return shaped.refine((s) => !UNPRINTABLE.test(s), { message: 'holds a control character or a lone surrogate' })
}
const zTokens = z.number().int().min(0).max(TOKENS_MAX)
const zTs = z.union([
  z
    .number()
    .int()
    .transform((ms, ctx) => {
      if (Math.abs(ms) <= 8.64e15) return ms
      ctx.addIssue({ code: 'custom', message: 'is not a time' })
      return z.NEVER
    }),
  z.string().transform((s, ctx) => {
    const ms = parseRfc3339(s)
    if (ms !== null) return ms
    ctx.addIssue({ code: 'custom', message: 'is not an RFC 3339 time' })
    return z.NEVER
  }),
])
const zTagPairs = z
  .record(
    zText({ min: 1, max: TAG_KEY_LENGTH_MAX }).refine((k) => !isContentField(k)),
    zText({ min: 0, max: TAG_VALUE_LENGTH_MAX }),
  )
  .refine((t) => Object.keys(t).length <= TAGS_MAX)
/** A record schema would drop the key `__proto__` without a word; nothing a client sends may vanish. */
const zTags = z.preprocess((tags: Record<string, string>, ctx) => {
  const hidden: unknown = tags
  if (typeof hidden === 'object' && hidden !== null && Object.hasOwn(hidden, '__proto__')) {
    ctx.addIssue({ code: 'custom', message: 'holds the key __proto__' })
  }
  return tags
}, zTagPairs)

/**
 * The JSON event as clients send it (v1). The reference that the edge's fast validator must agree with;
 * also the source of the OpenAPI document. It does not check `ts` against the clock: that needs the arrival time.
 */
export const usageEventInput = z
  .strictObject({
    org_id: zText({ min: 1, max: 64, pattern: /^[A-Za-z0-9_.:-]+$/ }),
    user_id: zText({ min: 1, max: 256 }),
    provider: zText({ min: 1, max: 64 }),
    model: zText({ min: 1, max: 128 }),
    tokens_in: zTokens,
    tokens_out: zTokens,
    ts: zTs,
    region: zText({ min: 1, max: 64 }).optional(),
    event_id: zText({ min: 8, max: 64 }).optional(),
    team_id: zText({ min: 1, max: 128 }).optional(),
    project_id: zText({ min: 1, max: 128 }).optional(),
    source: z.enum(SOURCES).optional(),
    tokens_cache_read: zTokens.optional(),
    tokens_cache_write: zTokens.optional(),
    tokens_reasoning: zTokens.optional(),
    reasoning_separate: z.boolean().optional(),
    latency_ms: z.number().int().min(0).max(LATENCY_MS_MAX).optional(),
    tokens_source: z.enum(TOKENS_SOURCES).optional(),
    service_tier: z.enum(SERVICE_TIERS).optional(),
    tags: zTags.optional(),
  })
  .refine((e) => (e.tokens_cache_read ?? 0) + (e.tokens_cache_write ?? 0) <= e.tokens_in, {
    path: ['tokens_cache_read'],
    message: 'cached tokens must not exceed tokens_in, which includes them',
  })
  .refine((e) => e.reasoning_separate === true || (e.tokens_reasoning ?? 0) <= e.tokens_out, {
    path: ['tokens_reasoning'],
    message: 'must not exceed tokens_out, which includes them unless reasoning_separate is true',
  })

export type UsageEventInput = z.input<typeof usageEventInput>

/** Why one event was refused; told to the client, never with the refused value. */
export interface EventRejection {
  readonly code: EventErrorCode
  /** Path of the field, e.g. `tags.cost_centre`. */
  readonly field?: string
  readonly message: string
}
