/**
 * Events straight into the log, as an edge would have written them: for what HTTP can't make in local mode, such as many
 * organisations or arrivals of days ago. Token counts are those of the real trace; ids are UUIDv7 of the event's time.
 */
import { join } from 'node:path'
import { type EventLog, openLog } from '@ecomind/event-log'
import { partitionOf, type UsageEvent } from '@ecomind/schemas'
import { encodeBatch } from '@ecomind/schemas/avro'
import { uuidV7 } from '../../../ingest-edge/src/uuid-v7.ts'
import { readTrace } from '../sample-data/trace.ts'
import { modelName } from './load/request-template.ts'

const PARTITIONS = 2
/** What an edge puts into one record under load. */
const EVENTS_PER_RECORD = 1000
/** From an event's time to its arrival. */
const ARRIVES_AFTER_MS = 300

export interface MadeTraffic {
  readonly events: number
  /** Each user belongs to one. */
  readonly orgs: number
  readonly users: number
  readonly models: number
  /** Times of the events: evenly from `fromMs` on, over so many milliseconds. */
  readonly fromMs: number
  readonly spanMs: number
  /** Share of the users that call in any one hour; another part of them in the next. */
  readonly activeShare: number
}

/** The log of a product's data folder. Two processes may have it open. */
export function openDataLog(dataDir: string): Promise<EventLog> {
  const retentionMs = 7 * 86_400_000
  return openLog({
    kind: 'embedded',
    dir: join(dataDir, 'log'),
    partitions: PARTITIONS,
    maxBytes: 2 ** 33,
    retentionMs,
  })
}

export interface Record {
  readonly partition: number
  readonly events: number
  readonly value: Uint8Array
  readonly arrivedAtMs: number
}

/** Ascending in time, `eventsPerRecord` events of one partition each. */
export function* makeRecords(traffic: MadeTraffic, eventsPerRecord = EVENTS_PER_RECORD): Generator<Record> {
  const waiting: UsageEvent[][] = Array.from({ length: PARTITIONS }, () => [])
  const cut = (partition: number): Record | null => {
    const events = waiting[partition] ?? []
    waiting[partition] = []
    const newest = events.at(-1)
    if (newest === undefined) return null
    const arrivedAtMs = newest.ts + ARRIVES_AFTER_MS
    const value = encodeBatch({ arrivedAtMs, edgeId: 'bench', replayOf: null }, events)
    return { partition, events: events.length, value, arrivedAtMs }
  }
  for (const event of makeEvents(traffic)) {
    const partition = partitionOf(event.org_id, event.event_id, PARTITIONS)
    waiting[partition]?.push(event)
    const record = (waiting[partition]?.length ?? 0) < eventsPerRecord ? null : cut(partition)
    if (record !== null) yield record
  }
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const record = cut(partition)
    if (record !== null) yield record
  }
}

export async function appendEvents(dataDir: string, traffic: MadeTraffic): Promise<void> {
  const log = await openDataLog(dataDir)
  try {
    for (const { partition, value, arrivedAtMs } of makeRecords(traffic))
      await log.append(partition, [{ value, arrivedAtMs }])
  } finally {
    await log.close()
  }
}

const trace = readTrace()
const HOUR_MS = 3_600_000

/** All optional fields that the SDK sends are there, so that disk and memory are those of real rows. */
function* makeEvents(traffic: MadeTraffic): Generator<UsageEvent> {
  const { events, orgs, users, models, fromMs, spanMs, activeShare } = traffic
  const active = Math.max(1, Math.floor(users * activeShare))
  for (let n = 0; n < events; n++) {
    // Scattered, but the same in every run.
    const random = Math.imul(n, 0x9e37_79b1) >>> 1
    const ts = Math.floor(fromMs + (n * spanMs) / events)
    const user = ((random % active) + Math.floor(ts / HOUR_MS) * active) % users
    const { tokensIn, tokensOut } = trace[n % trace.length] ?? { tokensIn: 1, tokensOut: 1 }
    yield {
      org_id: orgs === 1 ? 'org_demo' : `org_${user % orgs}`,
      event_id: uuidV7(ts),
      user_id: `user_${user}@example.org`,
      ...modelName((user + ((random >>> 7) % 3)) % models),
      tokens_in: tokensIn,
      tokens_out: tokensOut,
      ts,
      region: 'US-CAISO',
      team_id: `team_${user % 20}`,
      project_id: `project_${user % 50}`,
      source: 'sdk',
      tokens_cache_read: n % 3 === 0 ? tokensIn >>> 1 : 0,
      tokens_cache_write: null,
      tokens_reasoning: null,
      reasoning_separate: false,
      latency_ms: 200 + tokensOut * 12 + (random % 400),
      tokens_source: 'provider',
      service_tier: null,
      tags: {},
    }
  }
}
