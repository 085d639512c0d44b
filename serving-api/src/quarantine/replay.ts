/**
 * Replays quarantined events: back into the log under the same organisation, so that the loader judges them anew.
 * Repeating a replay is harmless: the event goes in under an id that depends on nothing but its place in quarantine, so
 * the loader drops a second copy as a duplicate. The note that it was done is written after the append, because a crash
 * between the two must repeat the append rather than lose the event.
 */
import type { EventLog } from '@ecomind/event-log'
import {
  type EventPosition,
  formatPosition,
  parsePosition,
  partitionOf,
  type ReplayAnswer,
  type ReplayRequest,
  type UsageEvent,
} from '@ecomind/schemas'
import { type BatchSchemas, encodeBatch, FOLDER_SCHEMAS } from '@ecomind/schemas/avro'
import type { ReplaySchemas } from '../context.ts'
import { type QuarantineRecord, quarantineByPosition } from '../questions/quarantine.ts'
import type { OrgScope } from '../scope.ts'
import { decodeRaw, schemaIdsOf, WHOLE_RECORD_INDEX } from './decode-raw.ts'

const UNREADABLE: Readonly<Record<string, string>> & { readonly otherwise: string } = {
  unknown_schema: 'Its schema id is still not known, neither to this version nor to a schema registry that answers',
  otherwise: 'This version cannot read its bytes either',
}

type ReplayItem = ReplayAnswer['items'][number]

export interface ReplayTools {
  readonly log: Pick<EventLog, 'append' | 'partitions'>
  readonly nowMs: () => number
  /** Null: ids of the schemas folder. */
  readonly schemas: ReplaySchemas | null
}

/** What would be done with one id. */
type Plan =
  | { readonly kind: 'answer'; readonly item: ReplayItem }
  | {
      readonly kind: 'append'
      readonly record: QuarantineRecord
      readonly events: readonly UsageEvent[]
      readonly partition: number
    }

/** @throws LogFullError, LogUnavailableError; what was appended before is noted all the same */
export async function replayQuarantined(
  scope: OrgScope,
  tools: ReplayTools,
  request: ReplayRequest,
): Promise<ReplayAnswer> {
  const ids = [...new Set(request.ids)]
  const positions = ids.map(parsePosition).filter((p) => p !== null)
  const records = positions.length === 0 ? [] : await scope.ask(quarantineByPosition(positions))
  const byId = new Map(records.map((r) => [formatPosition(r.position), r]))
  const view = (await tools.schemas?.resolveAnew(schemaIdsOf(records))) ?? FOLDER_SCHEMAS
  const rules = { orgId: scope.orgId, assignNewIds: request.assign_new_ids, partitions: tools.log.partitions, view }
  const plans = ids.map((id) => planOf(id, byId.get(id), rules))
  if (request.dry_run) return { dry_run: true, items: plans.map(dryItem) }
  return { dry_run: false, items: await appendAll(scope, tools, plans) }
}

async function appendAll(scope: OrgScope, tools: ReplayTools, plans: readonly Plan[]): Promise<ReplayItem[]> {
  const done: { record: QuarantineRecord; eventId: string }[] = []
  const items: ReplayItem[] = []
  try {
    for (const plan of plans) {
      if (plan.kind === 'answer') {
        items.push(plan.item)
        continue
      }
      const { record, events, partition } = plan
      // The hour of first arrival stays that of the event, or the reconciliation of that hour would never balance.
      const head = {
        arrivedAtMs: record.arrivedAtMs ?? tools.nowMs(),
        edgeId: 'replay',
        replayOf: formatPosition(record.position),
      }
      await tools.log.append(partition, [{ value: encodeBatch(head, events), arrivedAtMs: tools.nowMs() }])
      const eventId = onlyEventId(events)
      done.push({ record, eventId: eventId ?? '' })
      items.push({ id: head.replayOf, outcome: 'replayed', event_id: eventId, message: 'Back in the log' })
    }
  } finally {
    if (done.length > 0) await note(scope, done, tools.nowMs())
  }
  return items
}

interface PlanRules {
  readonly orgId: string
  readonly assignNewIds: boolean
  readonly partitions: number
  readonly view: BatchSchemas
}

function planOf(
  id: string,
  record: QuarantineRecord | undefined,
  { orgId, assignNewIds, partitions, view }: PlanRules,
): Plan {
  const answer = (
    outcome: ReplayItem['outcome'],
    message: string,
    eventId: string | null = record?.eventId ?? null,
  ): Plan => ({
    kind: 'answer',
    item: { id, outcome, event_id: eventId, message },
  })
  if (record === undefined) return answer('not_found', 'There is no such row in quarantine')
  if (record.replayed) return answer('already_replayed', 'It was replayed before')
  const decoded = decodeRaw(record, view)
  if (decoded === null) return answer('would_stay', UNREADABLE[record.reason] ?? UNREADABLE.otherwise)
  const conflict = record.reason === 'id_conflict'
  if (conflict && !assignNewIds) {
    return answer(
      'would_stay',
      'Another event with this id is stored; set assign_new_ids to store it as one of its own',
    )
  }
  const events = conflict ? decoded.map((e) => ({ ...e, event_id: newIdOf(record.position) })) : decoded
  if (events.some((e) => e.org_id !== orgId)) return answer('would_stay', 'It holds events of another organisation')
  const targets = new Set(events.map((e) => partitionOf(e.org_id, e.event_id, partitions)))
  const [partition] = targets
  if (partition === undefined || targets.size > 1) {
    return answer('would_stay', 'Its events belong to different partitions of the present log')
  }
  return { kind: 'append', record, events, partition }
}

/** Depends on the place alone, so that a repeated replay gives the same event. At most 52 characters. */
function newIdOf(p: EventPosition): string {
  return `replayed-${p.generation}-${p.partition}-${p.offset}-${p.index}`
}

function dryItem(plan: Plan): ReplayItem {
  if (plan.kind === 'answer') return plan.item
  const { record, events } = plan
  const whole = record.position.index === WHOLE_RECORD_INDEX
  const what = whole ? `${events.length} events of the record` : 'The event'
  return {
    id: formatPosition(record.position),
    outcome: 'would_store',
    event_id: onlyEventId(events),
    message: `${what} would go back into the log`,
  }
}

function onlyEventId(events: readonly UsageEvent[]): string | null {
  return events.length === 1 ? (events[0]?.event_id ?? null) : null
}

async function note(
  scope: OrgScope,
  done: readonly { record: QuarantineRecord; eventId: string }[],
  nowMs: number,
): Promise<void> {
  await scope.noteReplays(
    done.map(({ record, eventId }) => ({
      org_id: record.orgId,
      log_generation: record.position.generation,
      log_partition: record.position.partition,
      log_offset: record.position.offset,
      log_index: record.position.index,
      event_id: eventId,
      outcome: 'appended',
      replayed_at: nowMs,
    })),
  )
}
