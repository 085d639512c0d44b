/** Events and log records for tests, and the oracle that says what must come of them. */
import { crc32 } from 'node:zlib'
import type { EventLog } from '@ecomind/event-log'
import { partitionOf, type UsageEvent } from '@ecomind/schemas'
import { decodeBatch, encodeBatch } from '@ecomind/schemas/avro'

export function usageEvent(overrides: Partial<UsageEvent> = {}): UsageEvent {
  return {
    org_id: 'org_demo',
    event_id: 'event-0001',
    user_id: 'user_alice',
    provider: 'openai',
    model: 'gpt-4o',
    tokens_in: 100,
    tokens_out: 50,
    ts: 1_760_000_000_000,
    region: 'US-CAISO',
    team_id: null,
    project_id: null,
    source: null,
    tokens_cache_read: null,
    tokens_cache_write: null,
    tokens_reasoning: null,
    reasoning_separate: false,
    latency_ms: null,
    tokens_source: null,
    service_tier: null,
    tags: {},
    ...overrides,
  }
}

export interface SentBatch {
  readonly arrivedAtMs: number
  readonly events: readonly UsageEvent[]
  readonly replayOf?: string
}

/** Appends as an edge does: one record a partition. Poison is given as bytes and goes to partition 0. */
export async function send(log: EventLog, sent: SentBatch | Uint8Array, arrivedAtMs = 0): Promise<void> {
  if (sent instanceof Uint8Array) {
    await log.append(0, [{ value: sent, arrivedAtMs }])
    return
  }
  const head = { arrivedAtMs: sent.arrivedAtMs, edgeId: 'edge-1', replayOf: sent.replayOf ?? null }
  for (let partition = 0; partition < log.partitions; partition++) {
    const own = sent.events.filter((e) => partitionOf(e.org_id, e.event_id, log.partitions) === partition)
    if (own.length > 0) await log.append(partition, [{ value: encodeBatch(head, own), arrivedAtMs: sent.arrivedAtMs }])
  }
}

export interface Expected {
  /** `org/id` of every first copy, as often as it must be stored. */
  readonly stored: readonly { readonly key: string; readonly event: UsageEvent }[]
  readonly duplicates: number
  readonly conflicts: number
  readonly poison: number
  readonly accepted: number
}

/** One pass over everything that was sent, in order, with a map: what any correct loader must end with. */
export function oracle(sent: readonly (SentBatch | Uint8Array)[], retentionDays: number): Expected {
  const firsts = new Map<string, { day: number; content: number }>()
  const stored: { key: string; event: UsageEvent }[] = []
  const counts = { duplicates: 0, conflicts: 0, poison: 0, accepted: 0 }
  for (const batch of sent) {
    if (batch instanceof Uint8Array) {
      counts.poison += 1
      counts.accepted += 1
      continue
    }
    // Written out again here, on purpose: an oracle that asks the code it judges proves nothing.
    const day = Math.floor(batch.arrivedAtMs / 86_400_000)
    for (const event of batch.events) {
      const key = `${event.org_id}/${event.event_id}`
      const content = contentOf(event)
      if (batch.replayOf === undefined) counts.accepted += 1
      const first = firsts.get(key)
      if (first === undefined || day - first.day > retentionDays) {
        firsts.set(key, { day, content })
        stored.push({ key, event })
      } else if (first.content === content) counts.duplicates += 1
      else counts.conflicts += 1
    }
  }
  return { stored, ...counts }
}

function contentOf(event: UsageEvent): number {
  const [decoded] = decodeBatch(encodeBatch({ arrivedAtMs: 0, edgeId: '', replayOf: null }, [event])).events
  return crc32(decoded?.bytes ?? '')
}
