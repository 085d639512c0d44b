/** Sorts the events of a request into accepted and rejected. */
import { EVENT_FIELDS, type EventRejection, type UsageEvent } from '@ecomind/schemas'
import type { Refusal, RejectedEvent } from './errors.ts'
import { explainRejection } from './explain-rejection.ts'
import { countMembers } from './json-scan.ts'
import { ENVELOPE, type ParsedEvents } from './parse-body.ts'
import { isText } from './text-rule.ts'
import { type EventRules, validateEvent } from './validate-event.ts'

export type CheckOutcome =
  | { readonly kind: 'checked'; readonly accepted: readonly UsageEvent[]; readonly rejected: readonly RejectedEvent[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

const NONE: readonly RejectedEvent[] = []

export function checkEvents(parsed: ParsedEvents, rules: EventRules): CheckOutcome {
  const { values } = parsed
  const accepted: UsageEvent[] = []
  let members = 0
  for (const value of values) {
    const event = validateEvent(value, rules)
    if (event === null) {
      members += countMembers(value)
      continue
    }
    members += Object.keys(value as object).length + Object.keys(event.tags).length
    accepted.push(event)
  }
  const repeats = members !== parsed.members
  if (accepted.length === values.length && !repeats) return { kind: 'checked', accepted, rejected: NONE }
  return sortOut(parsed, rules, repeats ? parsed.duplicates() : null)
}

/** The slow way, for requests with something wrong in them: each event again, with its reason. */
function sortOut(
  parsed: ParsedEvents,
  rules: EventRules,
  duplicates: ReadonlyMap<number, string> | null,
): CheckOutcome {
  if (duplicates?.has(ENVELOPE) === true) {
    const message = 'read body: events stands more than once in the object around the events'
    return { kind: 'refused', refusal: { code: 'duplicate_key', message } }
  }
  const accepted: UsageEvent[] = []
  const rejected: RejectedEvent[] = []
  parsed.values.forEach((value, index) => {
    const malformed = parsed.malformed?.get(index)
    const duplicate = duplicates?.get(index)
    const event = malformed === undefined && duplicate === undefined ? validateEvent(value, rules) : null
    if (event !== null) accepted.push(event)
    else rejected.push(toRejected(index, value, malformed ?? explainRejection(value, rules, duplicate)))
  })
  return { kind: 'checked', accepted, rejected }
}

function toRejected(index: number, value: unknown, reason: EventRejection | null): RejectedEvent {
  // The fast check and the explanation follow the same rules (property test), so there is always a reason.
  const { code, field, message } = reason ?? {
    code: 'field_format',
    field: undefined,
    message: 'check event: not valid',
  }
  const id = usableId(value)
  return {
    index,
    ...(id === null ? {} : { event_id: id }),
    code,
    ...(field === undefined ? {} : { field }),
    message,
  }
}

function usableId(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const id: unknown = Object.hasOwn(value, 'event_id') ? (value as Record<string, unknown>)['event_id'] : null
  return isText(id, EVENT_FIELDS.event_id.rule, false) ? id : null
}
