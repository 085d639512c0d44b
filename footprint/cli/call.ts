/** One call as the command line or a line of a file states it: field names and rules are those of the usage event. */
import type { CallCounts } from '@ecomind/footprint'
import { EVENT_FIELDS, type EventField, usageEventInput } from '@ecomind/schemas'

/** A usage event without the fields that say who and when. */
export interface Call extends CallCounts {
  readonly provider: string
  readonly model: string
  readonly region: string | null
  readonly service_tier: string | null
}

/** Raw values by field name; a CSV has text for all of them. */
export type RawCall = Readonly<Record<string, unknown>>

export class CallError extends Error {
  override readonly name = 'CallError'
}

const FIELDS = [
  'provider',
  'model',
  'tokens_in',
  'tokens_out',
  'region',
  'tokens_cache_read',
  'tokens_cache_write',
  'tokens_reasoning',
  'reasoning_separate',
  'tokens_source',
  'service_tier',
] as const satisfies readonly EventField[]

/** Fields of the event that the computation doesn't need; the rules of the whole event are checked with these in place. */
const WHO_AND_WHEN = { org_id: 'local', user_id: 'local', ts: 0 }

/** Empty means absent, as in a CSV. @throws CallError naming each field, as the caller knows it, and its rule */
export function readCall(raw: RawCall, nameOf: (field: string) => string = (field) => field): Call {
  const stated: Record<string, unknown> = { ...WHO_AND_WHEN }
  for (const field of FIELDS) {
    const value = raw[field]
    if (value === undefined || value === null || value === '') continue
    stated[field] = typeof value === 'string' ? fromText(field, value.trim(), nameOf) : value
  }
  const parsed = usageEventInput.safeParse(stated)
  if (!parsed.success) {
    const { issues } = parsed.error
    throw new CallError(
      issues
        .map((i) => `${nameOf(String(i.path[0]))}: ${absent(i.path[0], stated) ? 'is required' : i.message}`)
        .join('; '),
    )
  }
  const call = parsed.data
  return {
    provider: call.provider,
    model: call.model,
    region: call.region ?? null,
    service_tier: call.service_tier ?? null,
    tokens_in: call.tokens_in,
    tokens_out: call.tokens_out,
    tokens_cache_read: call.tokens_cache_read,
    tokens_cache_write: call.tokens_cache_write,
    tokens_reasoning: call.tokens_reasoning,
    reasoning_separate: call.reasoning_separate,
    tokens_source: call.tokens_source,
  }
}

const absent = (field: PropertyKey | undefined, stated: Record<string, unknown>): boolean =>
  !Object.hasOwn(stated, String(field))

/** What a CSV and a command line have as text. @throws CallError */
function fromText(field: (typeof FIELDS)[number], text: string, nameOf: (field: string) => string): unknown {
  const { kind } = EVENT_FIELDS[field].rule
  if (kind === 'integer') {
    if (/^\d{1,15}$/.test(text)) return Number(text)
    throw new CallError(`${nameOf(field)}: must be a whole number of 0 or more`)
  }
  if (kind === 'boolean') {
    if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true'
    throw new CallError(`${nameOf(field)}: must be true or false`)
  }
  return text
}
