/** Whose limits a request counts against: a key's own, and its organisation's. */

import type { Refusal } from '../errors.ts'
import type { HeaderList } from '../http-server.ts'
import { DAY_MS, type DayCount, dayOf } from './day-count.ts'
import type { TokenBucket } from './token-bucket.ts'

export interface Account {
  /** `key/ORG/ID` or `org/ID`. */
  readonly name: string
  bucket: TokenBucket | null
  count: DayCount | null
  /** Events that other edges have not been told of. */
  untoldEvents: number
}

/** The accounts of one key, of which at least one has a limit. All give, or none is charged. */
export class Budget {
  readonly #accounts: readonly Account[]

  constructor(accounts: readonly Account[]) {
    this.#accounts = accounts
  }

  /** One request, before its body, as one event: null, or why it is refused. */
  takeRequest(nowMs: number): Refusal | null {
    for (const { name, bucket, count } of this.#accounts) {
      if (bucket !== null && bucket.tokensAt(nowMs) < 1) return overRate(name, bucket, nowMs)
      if (count !== null && count.leftAt(nowMs) === 0) return overQuota(name, count, 1, nowMs)
    }
    for (const account of this.#accounts) {
      if (account.bucket === null) continue
      account.bucket.take(1, nowMs)
      account.untoldEvents++
    }
    return null
  }

  /** All of its events, before they go into the log: null, or why none is taken. */
  takeEvents(events: number, nowMs: number): Refusal | null {
    for (const { name, count } of this.#accounts) {
      if (count !== null && count.leftAt(nowMs) < events) return overQuota(name, count, events, nowMs)
    }
    for (const account of this.#accounts) {
      account.count?.add(events, nowMs)
      if (account.bucket === null) continue
      // The request was charged as one already.
      account.bucket.take(events - 1, nowMs)
      account.untoldEvents += events - 1
    }
    return null
  }

  /** Events that the log did not take. `takenAtMs`: when they were charged. */
  giveBack(events: number, takenAtMs: number): void {
    for (const { count } of this.#accounts) count?.giveBack(events, dayOf(takenAtMs))
  }

  /** `RateLimit-*` of the rate that is closest to its end; none when only days are limited. */
  headers(nowMs: number): HeaderList {
    let tightest: TokenBucket | null = null
    for (const { bucket } of this.#accounts) {
      if (bucket === null) continue
      if (tightest === null || bucket.tokensAt(nowMs) < tightest.tokensAt(nowMs)) tightest = bucket
    }
    return tightest === null ? [] : rateHeaders(tightest, nowMs)
  }
}

const ownerOf = (name: string): string => (name.startsWith('key/') ? 'this key' : 'its organisation')

function overRate(name: string, bucket: TokenBucket, nowMs: number): Refusal {
  return {
    code: 'rate_limited',
    message: `take a request: ${ownerOf(name)} may send ${bucket.ratePerSecond} events a second`,
    retryAfterSeconds: Math.max(1, Math.ceil(bucket.secondsUntilToken(nowMs))),
    headers: rateHeaders(bucket, nowMs),
  }
}

function overQuota(name: string, count: DayCount, wanted: number, nowMs: number): Refusal {
  const left = count.leftAt(nowMs)
  const resetSeconds = Math.ceil((DAY_MS - (nowMs % DAY_MS)) / 1000)
  const message = `take events: ${ownerOf(name)} may send ${count.eventsMax} events a UTC day, of which ${left} are left`
  return {
    code: 'rate_limited',
    message: wanted > 1 ? `${message}, and the request has ${wanted}` : message,
    retryAfterSeconds: resetSeconds,
    headers: limitHeaders(count.eventsMax, left, resetSeconds, DAY_MS / 1000),
  }
}

function rateHeaders(bucket: TokenBucket, nowMs: number): HeaderList {
  const left = Math.max(0, Math.floor(bucket.tokensAt(nowMs)))
  return limitHeaders(bucket.ratePerSecond, left, Math.ceil(bucket.secondsUntilFull(nowMs)), 1)
}

/** As in draft-ietf-httpapi-ratelimit-headers-07. */
function limitHeaders(limit: number, left: number, resetSeconds: number, windowSeconds: number): HeaderList {
  return [
    'ratelimit-limit',
    String(limit),
    'ratelimit-remaining',
    String(left),
    'ratelimit-reset',
    String(resetSeconds),
    'ratelimit-policy',
    `${limit};w=${windowSeconds}`,
  ]
}
