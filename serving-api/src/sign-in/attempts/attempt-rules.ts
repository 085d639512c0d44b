/**
 * How often someone may try: a few tries are free, then each one makes the wait before the next longer. Failures are
 * forgotten one by one with time. Arithmetic only.
 */
export interface AttemptPolicy {
  /** Tries before the first wait. */
  readonly free: number
  /** One failure is forgotten after so long. */
  readonly forgetMs: number
  /** The first wait; each further failure doubles it. */
  readonly waitMs: number
  /** The longest wait: someone else's tries can't lock an owner out for longer. */
  readonly waitMsMax: number
}

export interface AttemptState {
  /** Not forgotten ones, in parts as they fade. */
  readonly failures: number
  readonly countedAtMs: number
  readonly lockedUntilMs: number
}

export const NO_ATTEMPTS: AttemptState = { failures: 0, countedAtMs: 0, lockedUntilMs: 0 }

export const ACCOUNT_POLICY: AttemptPolicy = { free: 5, forgetMs: 900_000, waitMs: 30_000, waitMsMax: 900_000 }
/** Many people may share one address. */
export const ADDRESS_POLICY: AttemptPolicy = { free: 40, forgetMs: 15_000, waitMs: 5_000, waitMsMax: 300_000 }

export type AttemptDecision =
  | { readonly kind: 'allowed'; readonly next: AttemptState }
  | { readonly kind: 'refused'; readonly retryAfterMs: number }

/** Every try counts as failed when it begins, so that tries at the same time can't all be the last free one. */
export function takeAttempt(state: AttemptState, nowMs: number, policy: AttemptPolicy): AttemptDecision {
  const leftMs = state.lockedUntilMs - nowMs
  // A wait longer than any that is given comes from a clock that was put back.
  if (leftMs > 0 && leftMs <= policy.waitMsMax) return { kind: 'refused', retryAfterMs: leftMs }
  const failures = remaining(state, nowMs, policy) + 1
  const over = Math.ceil(failures) - policy.free
  const waitMs = over <= 0 ? 0 : Math.min(policy.waitMsMax, policy.waitMs * 2 ** Math.min(over - 1, 30))
  return { kind: 'allowed', next: { failures, countedAtMs: nowMs, lockedUntilMs: waitMs === 0 ? 0 : nowMs + waitMs } }
}

/**
 * A try that did not fail after all. The wait that it began stays: tries at the same time would otherwise end each
 * other's waits.
 */
export function forgiveAttempt(state: AttemptState, nowMs: number, policy: AttemptPolicy): AttemptState {
  const failures = Math.max(0, remaining(state, nowMs, policy) - 1)
  return { failures, countedAtMs: nowMs, lockedUntilMs: state.lockedUntilMs }
}

function remaining({ failures, countedAtMs }: AttemptState, nowMs: number, { forgetMs }: AttemptPolicy): number {
  return Math.max(0, failures - Math.max(0, nowMs - countedAtMs) / forgetMs)
}
