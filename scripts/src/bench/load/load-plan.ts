/** What the load generator is asked to do, and what it says afterwards. */
import type { Percentiles } from '../statistics.ts'

/** `uuid`: UUIDv7 text, the product's own form, which decides bytes on disk. `counter`: a short id of a client's own. */
export type IdForm = 'uuid' | 'counter'

export interface LoadPlan {
  readonly host: string
  readonly port: number
  readonly path: string
  /** One request under way on each: the edge closes connections that pipeline behind a POST. */
  readonly connections: number
  /** Requests a second over all connections; null is the closed loop. */
  readonly ratePerSecond: number | null
  readonly durationMs: number
  /** Ends earlier when so many events were sent; null: by time alone. */
  readonly eventsMax: number | null
  /** Events in one request. */
  readonly batch: number
  readonly ids: IdForm
  readonly users: number
  readonly models: number
  /** Sends a request again, the same bytes, until it is taken: after a broken connection, 429 and 503. */
  readonly retry: boolean
  /** Ingest key, for an edge in production mode. */
  readonly key?: string
}

/** What was accepted, for the oracle. */
export interface Sent {
  readonly accepted: number
  readonly tokensIn: number
  readonly tokensOut: number
  /** Sum of the last eight hex digits of every accepted id, modulo 2^32. */
  readonly idSum: number
}

export interface LoadResult extends Sent {
  readonly requests: number
  /** Why events of accepted requests were refused; anything here is a fault of the generator or the edge. */
  readonly rejected: readonly string[]
  /** Answers that were not 202, by status. */
  readonly refused: Readonly<Record<string, number>>
  /** Requests that were sent once more. */
  readonly retries: number
  /** Open loop: requests that were due and not sent before the end. */
  readonly dropped: number
  readonly elapsedMs: number
  /** The generator's own CPU while it sent, */
  readonly cpuSeconds: number
  /** and the part of it outside the kernel: a request costs any client its two system calls. */
  readonly cpuUserSeconds: number
  /** Milliseconds from the time a request was due (closed loop: sent) to its answer. */
  readonly latency: Percentiles
  /** Open loop: milliseconds that the generator itself sent late although a connection was free. */
  readonly sentLate: Percentiles
}

export function addSent(runs: readonly Sent[]): Sent {
  const sum = (pick: (s: Sent) => number) => runs.reduce((total, run) => total + pick(run), 0)
  return {
    accepted: sum((s) => s.accepted),
    tokensIn: sum((s) => s.tokensIn),
    tokensOut: sum((s) => s.tokensOut),
    idSum: sum((s) => s.idSum) % 2 ** 32,
  }
}
