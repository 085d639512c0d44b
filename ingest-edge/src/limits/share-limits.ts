/**
 * Limits over several edges, through Redis. Every request is decided by this edge alone, from its own view; ten times a
 * second the view is told to Redis, which answers with what all edges have left together. So over time the rate is that
 * of the key; at a moment each edge may let through once more what was left when it last asked. While Redis is away
 * each edge holds the limit for itself.
 */
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import type { Account } from './account.ts'
import type { Accounts } from './accounts.ts'
import { DAY_MS } from './day-count.ts'

const SHARE_MS = 100
const PREFIX = 'ecomind:limits'

/**
 * A bucket in Redis, by Redis' clock: [what came since, rate] in, tokens out. It is forgotten when it has been full
 * for a minute.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local taken, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local state = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(state[1]) or rate, tonumber(state[2]) or now
tokens = math.min(rate, tokens + math.max(0, now - at) * rate / 1000) - taken
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', now)
redis.call('PEXPIRE', KEYS[1], 60000 + math.ceil((rate - tokens) / rate * 1000))
return tostring(tokens)`

/** Events of a day: [what came since, what the edge knows with it] in, the sum out. A Redis that forgot is told again. */
const COUNT = `
local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
if sum < tonumber(ARGV[2]) then
  sum = tonumber(ARGV[2])
  redis.call('SET', KEYS[1], sum)
end
redis.call('EXPIRE', KEYS[1], 172800)
return sum`

export interface ShareOptions {
  readonly url: string
  readonly accounts: Accounts
  readonly logger: Logger
  readonly nowMs: () => number
}

export interface SharedLimits {
  /** False while Redis does not answer: then each edge holds the limits for itself. */
  readonly isShared: () => boolean
  stop(): Promise<void>
}

/** Does not wait for Redis. */
export async function shareLimits(options: ShareOptions): Promise<SharedLimits> {
  const { Redis: Client } = await import('ioredis')
  const redis = new Client(options.url, {
    commandTimeout: 1000,
    connectTimeout: 2000,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(1000, attempt * 100),
  })
  const sharer = new Sharer(redis, options)
  redis.on('error', (error: Error) => sharer.note(error.message || 'it does not answer'))
  sharer.plan()
  return {
    isShared: () => sharer.isShared,
    stop: async () => {
      await sharer.stop()
      redis.disconnect()
    },
  }
}

class Sharer {
  readonly #redis: Redis
  readonly #options: ShareOptions
  #fault: string | null = 'not connected yet'
  #timer: NodeJS.Timeout | null = null
  #turn: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(redis: Redis, options: ShareOptions) {
    this.#redis = redis
    this.#options = options
  }

  get isShared(): boolean {
    return this.#fault === null
  }

  plan(): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => {
      this.#turn = this.#share().then(() => this.plan())
    }, SHARE_MS)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#turn
    await this.#share()
  }

  /** One line when it begins, one when it is over. */
  note(fault: string | null): void {
    const { logger } = this.#options
    if (fault !== null && (this.#fault === null || this.#fault === 'not connected yet'))
      logger.warn({ fault }, 'limits are not shared: each edge holds them for itself until Redis answers')
    if (fault === null && this.#fault !== null) logger.info('limits are shared through Redis')
    this.#fault = fault
  }

  async #share(): Promise<void> {
    if (this.#redis.status !== 'ready') {
      // What was taken meanwhile is the edge's own affair: it held the limit by itself.
      for (const account of this.#options.accounts.all()) account.untoldEvents = 0
      if (this.#fault === null) this.note('the connection is gone')
      return
    }
    const results = await Promise.allSettled(this.#tellAll())
    const failed = results.find((result) => result.status === 'rejected')
    this.note(failed === undefined ? null : String((failed.reason as Error).message))
  }

  /** All in one round trip: the client writes them together. */
  #tellAll(): Promise<void>[] {
    const told: Promise<void>[] = []
    for (const account of this.#options.accounts.all()) {
      if (account.untoldEvents > 0) told.push(this.#tellRate(account))
      if (account.count !== null) {
        const telling = this.#tellDay(account)
        if (telling !== null) told.push(telling)
      }
    }
    return told.length > 0 ? told : [this.#redis.ping().then(() => undefined)]
  }

  async #tellRate(account: Account): Promise<void> {
    const { bucket, untoldEvents } = account
    account.untoldEvents = 0
    if (bucket === null) return
    const rate = bucket.ratePerSecond
    const tokens = await this.#redis.eval(TAKE, 1, `${PREFIX}:rate:${account.name}`, untoldEvents, rate)
    // What came while Redis was asked is not in its answer.
    account.bucket?.correct(Number(tokens) - account.untoldEvents, this.#options.nowMs())
  }

  #tellDay(account: Account): Promise<void> | null {
    const { count } = account
    if (count === null || !count.hasNews) return null
    const { day, untold, known } = count.tell(this.#options.nowMs())
    const name = `${PREFIX}:day:${new Date(day * DAY_MS).toISOString().slice(0, 10)}:${account.name}`
    return this.#redis.eval(COUNT, 1, name, untold, known).then(
      (sum) => count.correct(Number(sum), day),
      (error: unknown) => {
        count.takeBack(untold, day)
        throw error
      },
    )
  }
}
