/**
 * The accounts of all keys and organisations that have a limit. There are no others, so memory is bounded by the keys
 * that exist, whatever clients send. They outlive a new snapshot of keys: a change of one key fills nobody's bucket.
 */
import type { KeySnapshot, SnapshotKey } from '@ecomind/schemas/keys'
import { type Account, Budget } from './account.ts'
import { DayCount } from './day-count.ts'
import { TokenBucket } from './token-bucket.ts'

interface Limits {
  readonly rate_per_second: number | null
  readonly events_per_day_max: number | null
}

export class Accounts {
  #accounts: ReadonlyMap<string, Account> = new Map()

  /** Takes the limits of a snapshot over; gives the budget of each key, null for one without limits. */
  replace(snapshot: KeySnapshot, nowMs: number): (key: SnapshotKey) => Budget | null {
    const accounts = new Map<string, Account>()
    const add = (name: string, limits: Limits) => {
      if (limits.rate_per_second === null && limits.events_per_day_max === null) return
      accounts.set(name, accountOf(name, limits, this.#accounts.get(name), nowMs))
    }
    for (const organisation of snapshot.organisations) add(`org/${organisation.id}`, organisation)
    for (const key of snapshot.keys) add(nameOf(key), key)
    this.#accounts = accounts
    return (key) => {
      const own = [accounts.get(nameOf(key)), accounts.get(`org/${key.org_id}`)].filter((a) => a !== undefined)
      return own.length === 0 ? null : new Budget(own)
    }
  }

  all(): Iterable<Account> {
    return this.#accounts.values()
  }

  find(name: string): Account | undefined {
    return this.#accounts.get(name)
  }
}

const nameOf = (key: SnapshotKey): string => `key/${key.org_id}/${key.id}`

/** In place, so that requests under way go on counting against the same one. */
function accountOf(name: string, limits: Limits, before: Account | undefined, nowMs: number): Account {
  const { rate_per_second: rate, events_per_day_max: eventsMax } = limits
  const account = before ?? { name, bucket: null, count: null, untoldEvents: 0 }
  if (rate === null) account.bucket = null
  else if (account.bucket === null) account.bucket = new TokenBucket(rate, nowMs)
  else if (account.bucket.ratePerSecond !== rate) account.bucket = account.bucket.withRate(rate, nowMs)
  if (eventsMax === null) account.count = null
  else if (account.count === null) account.count = new DayCount(eventsMax, nowMs)
  else account.count.eventsMax = eventsMax
  return account
}
