/**
 * What Prometheus can ask of the edge. Counts are plain numbers that are handed over when asked: counting costs the
 * hot path nothing. No label carries an organisation, a user or anything else that a client chooses.
 */
import { anonymousMemoryBytes } from '@ecomind/event-log'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { KeyCheck } from './keys/open-key-check.ts'
import type { AppendOutcome } from './partition-group.ts'

export interface EdgeGauges {
  readonly bytesInFlight: () => number
  readonly openRequests: () => number
  /** Encoded events that are not durable yet. */
  readonly bytesUncommitted: () => number
  /** 1 while the schema registry answers; absent: without one. */
  readonly registryUp?: () => number
  /** Absent in local mode. */
  readonly keys?: KeyCheck['gauges']
}

export class EdgeMetrics {
  readonly registry = new Registry()
  /** Events that are durable. */
  accepted = 0
  /** Requests whose client went away before the answer. */
  aborted = 0
  readonly #statuses = new Map<number, number>()
  readonly #rejected = new Map<string, number>()
  readonly #refusals = new Map<string, number>()
  #appendFailures = 0
  readonly #appendBytes: Histogram
  readonly #appendEvents: Histogram
  readonly #appendSeconds: Histogram

  constructor(gauges: EdgeGauges) {
    const { registry } = this
    const registers = [registry]
    collectDefaultMetrics({ register: registry })
    const one = (name: string, help: string, read: () => number) => {
      counter(registry, name, help, [], (c) => c.inc(read()))
    }
    one('ecomind_edge_events_accepted_total', 'Events that are durable in the log', () => this.accepted)
    one('ecomind_edge_requests_aborted_total', 'Requests whose client left before the answer', () => this.aborted)
    one('ecomind_edge_append_failures_total', 'Appends that the log refused', () => this.#appendFailures)
    byLabel(registry, 'ecomind_edge_events_rejected_total', 'Events refused, by code', 'code', this.#rejected)
    byLabel(registry, 'ecomind_edge_refusals_total', 'Requests refused, by code', 'code', this.#refusals)
    byLabel(registry, 'ecomind_edge_answers_total', 'Answers, by HTTP status', 'status', this.#statuses)
    gauge(registry, 'ecomind_edge_in_flight_bytes', 'Bytes of requests held now', gauges.bytesInFlight)
    gauge(registry, 'ecomind_edge_in_flight_requests', 'Requests that are not answered yet', gauges.openRequests)
    gauge(
      registry,
      'ecomind_edge_uncommitted_bytes',
      'Encoded events that are not durable yet',
      gauges.bytesUncommitted,
    )
    gauge(
      registry,
      'ecomind_edge_anonymous_memory_bytes',
      'Memory that the system can not drop: heaps without the mapped pages of the log',
      () => anonymousMemoryBytes() ?? Number.NaN,
    )
    if (gauges.registryUp !== undefined) {
      gauge(registry, 'ecomind_edge_schema_registry_up', '1 while the schema registry answers', gauges.registryUp)
    }
    if (gauges.keys !== undefined) keyGauges(registry, gauges.keys)
    const histogram = (name: string, help: string, buckets: number[]) =>
      new Histogram({ name, help, buckets, registers })
    this.#appendBytes = histogram(
      'ecomind_edge_append_bytes',
      'Bytes of one append',
      [1e3, 4e3, 16e3, 64e3, 256e3, 1e6, 4e6],
    )
    this.#appendEvents = histogram(
      'ecomind_edge_append_events',
      'Events of one append',
      [1, 3, 10, 30, 100, 300, 1e3, 3e3, 1e4],
    )
    this.#appendSeconds = histogram(
      'ecomind_edge_append_seconds',
      'Time until an append is durable',
      [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    )
  }

  countStatus(status: number): void {
    add(this.#statuses, status)
  }

  countRejected(code: string): void {
    add(this.#rejected, code)
  }

  countRefusal(code: string): void {
    add(this.#refusals, code)
  }

  observeAppend(outcome: AppendOutcome): void {
    if (outcome.failure !== null) this.#appendFailures++
    this.#appendBytes.observe(outcome.bytes)
    this.#appendEvents.observe(outcome.events)
    this.#appendSeconds.observe(outcome.tookMs / 1000)
  }
}

function keyGauges(registry: Registry, { keys, revision, ageSeconds, limitsShared }: KeyCheck['gauges']): void {
  gauge(registry, 'ecomind_edge_keys', 'Keys that can be used, as far as this edge knows', keys)
  gauge(registry, 'ecomind_edge_keys_revision', 'Revision of those keys', revision)
  gauge(registry, 'ecomind_edge_keys_age_seconds', 'Time since the control plane was heard', ageSeconds)
  if (limitsShared === null) return
  gauge(registry, 'ecomind_edge_limits_shared', '1 while limits are shared through Redis', limitsShared)
}

function add<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function byLabel(
  registry: Registry,
  name: string,
  help: string,
  label: string,
  counts: ReadonlyMap<string | number, number>,
) {
  counter(registry, name, help, [label], (c) => {
    for (const [value, count] of counts) c.inc({ [label]: String(value) }, count)
  })
}

/** A counter that is filled when it is asked for. */
function counter(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[],
  fill: (c: Counter) => void,
): void {
  const made: Counter = new Counter({
    name,
    help,
    labelNames,
    registers: [registry],
    collect: () => {
      made.reset()
      fill(made)
    },
  })
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  const made: Gauge = new Gauge({ name, help, registers: [registry], collect: () => made.set(read()) })
}
