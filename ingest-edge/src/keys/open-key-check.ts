/** Puts together what production mode asks of a request: keys that follow the control plane, and their limits. */

import { join } from 'node:path'
import type { Health } from '@ecomind/schemas'
import type { Logger } from 'pino'
import type { Authorise } from '../authorise.ts'
import type { KeyConfig } from '../config.ts'
import { Accounts } from '../limits/accounts.ts'
import { DayFile } from '../limits/day-file.ts'
import { type SharedLimits, shareLimits } from '../limits/share-limits.ts'
import { controlPlaneAt } from './control-plane.ts'
import { KeyFollower } from './follow-keys.ts'
import { KeyBook } from './key-book.ts'

type Check = Health['checks'][string]

export interface KeyCheck {
  readonly authorise: Authorise
  /** States for /health, by name. */
  readonly health: () => Readonly<Record<string, Check>>
  /** Numbers for /metrics; NaN: not known. */
  readonly gauges: {
    readonly keys: () => number
    readonly revision: () => number
    readonly ageSeconds: () => number
    /** 1 while limits are shared; null without Redis. */
    readonly limitsShared: (() => number) | null
  }
  /** Writes down what it counted. Can be called once. */
  stop(): Promise<void>
}

/** Keys are older than they should be when the control plane was not heard for so long. */
const STALE_MS = 10_000

/** Asks the control plane once; resolves whether it answers or not. */
export async function openKeyCheck(config: KeyConfig, logger: Logger, nowMs: () => number): Promise<KeyCheck> {
  const accounts = new Accounts()
  const book = new KeyBook(config.ring, accounts)
  const days = new DayFile({ file: join(config.dir, 'day-counts.json'), accounts, logger, nowMs })
  await days.start()
  const follower = new KeyFollower({
    ring: config.ring,
    controlPlane: controlPlaneAt(config.controlUrl, config.ring),
    file: join(config.dir, 'keys.json'),
    onSnapshot: (snapshot) => {
      book.replace(snapshot, nowMs())
      days.recall()
    },
    usesSince: (ms) => book.usesSince(ms),
    logger,
    nowMs,
  })
  await follower.start()
  const { redisUrl: url } = config
  const shared = url === null ? null : await shareLimits({ url, accounts, logger, nowMs })
  return {
    authorise: book.authorise,
    health: () => ({ keys: keysCheck(follower, book, nowMs()), ...limitsCheck(shared) }),
    gauges: {
      keys: () => book.size ?? Number.NaN,
      revision: () => follower.state.revision ?? Number.NaN,
      ageSeconds: () => ageSeconds(follower, nowMs()) ?? Number.NaN,
      limitsShared: shared === null ? null : () => Number(shared.isShared()),
    },
    stop: async () => {
      await follower.stop()
      await shared?.stop()
      await days.stop()
    },
  }
}

function keysCheck(follower: KeyFollower, book: KeyBook, nowMs: number): Check {
  const { revision, heardAtMs, fault } = follower.state
  const because = fault === null ? '' : `: ${fault}`
  if (revision === null)
    return { status: 'down', detail: `no keys from the control plane yet; nothing is accepted${because}` }
  const state = { revision, keys: book.size, age_seconds: ageSeconds(follower, nowMs) }
  if (heardAtMs !== null && nowMs - heardAtMs < STALE_MS) return { status: 'ok', ...state }
  return {
    status: 'degraded',
    detail: `no news of keys; those of revision ${revision} are in force${because}`,
    ...state,
  }
}

/** Seconds since the control plane was heard; null: not since the start. */
function ageSeconds(follower: KeyFollower, nowMs: number): number | null {
  const { heardAtMs } = follower.state
  return heardAtMs === null ? null : Math.max(0, Math.round((nowMs - heardAtMs) / 1000))
}

function limitsCheck(shared: SharedLimits | null): Readonly<Record<string, Check>> {
  if (shared === null) return {}
  if (shared.isShared()) return { limits: { status: 'ok' } }
  const detail = 'Redis does not answer; each edge holds the limits for itself'
  return { limits: { status: 'degraded', detail } }
}
