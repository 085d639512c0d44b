/**
 * The fast check of one event. It says yes or no and normalises; why it says no is worked out by
 * `explain-rejection.ts`, which may be slow. A property test holds it against the zod shape `usageEventInput`.
 */
import {
  EVENT_FIELDS,
  type EventField,
  isContentField,
  LATENCY_MS_MAX,
  parseRfc3339,
  SERVICE_TIERS,
  SOURCES,
  TAGS_MAX,
  TOKENS_MAX,
  TOKENS_SOURCES,
  type UsageEvent,
} from '@ecomind/schemas'
import { isText, TAG_KEY, TAG_VALUE } from './text-rule.ts'

/** What the check needs to know beside the event. */
export interface EventRules {
  /** Oldest and newest `ts` that is taken, epoch milliseconds. */
  readonly tsMinMs: number
  readonly tsMaxMs: number
  /** The organisation that this client may write for. */
  readonly orgId: string
  /** Whether events may leave it out: the key says it already. */
  readonly orgIsImplied: boolean
  /** See `ParsedEvents.plain`: strings need no look at their characters. */
  readonly plain: boolean
  /** Gives the id of an event that has none. */
  readonly newEventId: () => string
}

/** An event as it comes out of `JSON.parse`: any own key may hold anything. */
type Unchecked = { readonly [K in EventField]?: unknown }

const NO_TAGS: Readonly<Record<string, string>> = Object.freeze({})
const sources: ReadonlySet<unknown> = new Set(SOURCES)
const tokensSources: ReadonlySet<unknown> = new Set(TOKENS_SOURCES)
const serviceTiers: ReadonlySet<unknown> = new Set(SERVICE_TIERS)
const F = EVENT_FIELDS
const REQUIRED_COUNT = Object.values(F).filter((field) => field.required).length

/** The normalised event, or null when it breaks a rule. */
export function validateEvent(input: unknown, rules: EventRules): UsageEvent | null {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return null
  const e: Unchecked = input
  if (!hasRequired(e, rules) || !hasRightTexts(e, rules.plain) || !hasRightNumbers(e)) return null
  const ts = toMs(e.ts)
  if (ts === null || ts < rules.tsMinMs || ts > rules.tsMaxMs) return null
  const tags = e.tags === undefined ? NO_TAGS : sortTags(e.tags, rules.plain)
  if (tags === null || Object.keys(e).length !== countKnown(e)) return null
  return {
    org_id: rules.orgId,
    event_id: e.event_id ?? rules.newEventId(),
    user_id: e.user_id,
    provider: e.provider.toLowerCase(),
    model: e.model,
    tokens_in: e.tokens_in,
    tokens_out: e.tokens_out,
    ts,
    region: e.region ?? null,
    team_id: e.team_id ?? null,
    project_id: e.project_id ?? null,
    source: e.source ?? null,
    tokens_cache_read: e.tokens_cache_read ?? null,
    tokens_cache_write: e.tokens_cache_write ?? null,
    tokens_reasoning: e.tokens_reasoning ?? null,
    reasoning_separate: e.reasoning_separate ?? false,
    latency_ms: e.latency_ms ?? null,
    tokens_source: e.tokens_source ?? null,
    service_tier: e.service_tier ?? null,
    tags,
  }
}

interface RequiredFields {
  readonly user_id: string
  readonly provider: string
  readonly model: string
  readonly tokens_in: number
  readonly tokens_out: number
}

function hasRequired<E extends Unchecked>(e: E, rules: EventRules): e is E & RequiredFields {
  const { orgId, orgIsImplied, plain } = rules
  return (
    (e.org_id === orgId || (orgIsImplied && e.org_id === undefined)) &&
    isText(orgId, F.org_id.rule, plain) &&
    isText(e.user_id, F.user_id.rule, plain) &&
    isText(e.provider, F.provider.rule, plain) &&
    isText(e.model, F.model.rule, plain) &&
    isInteger(e.tokens_in, TOKENS_MAX) &&
    isInteger(e.tokens_out, TOKENS_MAX)
  )
}

interface OptionalTexts {
  readonly event_id?: string
  readonly region?: string
  readonly team_id?: string
  readonly project_id?: string
  readonly source?: string
  readonly tokens_source?: string
  readonly service_tier?: string
}

function hasRightTexts<E extends Unchecked>(e: E, plain: boolean): e is E & OptionalTexts {
  return (
    (e.event_id === undefined || isText(e.event_id, F.event_id.rule, plain)) &&
    (e.region === undefined || isText(e.region, F.region.rule, plain)) &&
    (e.team_id === undefined || isText(e.team_id, F.team_id.rule, plain)) &&
    (e.project_id === undefined || isText(e.project_id, F.project_id.rule, plain)) &&
    (e.source === undefined || sources.has(e.source)) &&
    (e.tokens_source === undefined || tokensSources.has(e.tokens_source)) &&
    (e.service_tier === undefined || serviceTiers.has(e.service_tier))
  )
}

interface OptionalNumbers {
  readonly tokens_cache_read?: number
  readonly tokens_cache_write?: number
  readonly tokens_reasoning?: number
  readonly latency_ms?: number
  readonly reasoning_separate?: boolean
}

function hasRightNumbers<E extends Unchecked & RequiredFields>(e: E): e is E & OptionalNumbers {
  const { tokens_cache_read: read = 0, tokens_cache_write: write = 0, tokens_reasoning: reasoning = 0 } = e
  const { latency_ms: latency = 0, reasoning_separate: separate = false } = e
  return (
    isInteger(read, TOKENS_MAX) &&
    isInteger(write, TOKENS_MAX) &&
    isInteger(reasoning, TOKENS_MAX) &&
    isInteger(latency, LATENCY_MS_MAX) &&
    typeof separate === 'boolean' &&
    read + write <= e.tokens_in &&
    (separate || reasoning <= e.tokens_out)
  )
}

/** How many of the fields that an event may have are there; more keys than that means an unknown one. */
function countKnown(e: Unchecked): number {
  let known = REQUIRED_COUNT
  if (e.org_id === undefined) known--
  if (e.region !== undefined) known++
  if (e.event_id !== undefined) known++
  if (e.team_id !== undefined) known++
  if (e.project_id !== undefined) known++
  if (e.source !== undefined) known++
  if (e.tokens_cache_read !== undefined) known++
  if (e.tokens_cache_write !== undefined) known++
  if (e.tokens_reasoning !== undefined) known++
  if (e.reasoning_separate !== undefined) known++
  if (e.latency_ms !== undefined) known++
  if (e.tokens_source !== undefined) known++
  if (e.service_tier !== undefined) known++
  if (e.tags !== undefined) known++
  return known
}

function isInteger(value: unknown, max: number): value is number {
  return typeof value === 'number' && value >= 0 && value <= max && Number.isInteger(value)
}

/** Epoch milliseconds of a `ts` in either form, or null when it is neither. */
export function toMs(ts: unknown): number | null {
  if (typeof ts === 'string') return parseRfc3339(ts)
  return typeof ts === 'number' && Number.isSafeInteger(ts) && Math.abs(ts) <= 8.64e15 ? ts : null
}

/** The tags with ascending keys, so that equal content has equal bytes; null when they break a rule. */
function sortTags(value: unknown, plain: boolean): Readonly<Record<string, string>> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const keys = Object.keys(value)
  if (keys.length === 0) return NO_TAGS
  if (keys.length > TAGS_MAX) return null
  const sorted: Record<string, string> = {}
  for (const key of keys.sort()) {
    const tag: unknown = (value as Record<string, unknown>)[key]
    if (!isText(key, TAG_KEY, plain) || !isText(tag, TAG_VALUE, plain) || key === '__proto__' || isContentField(key)) {
      return null
    }
    sorted[key] = tag
  }
  return sorted
}
