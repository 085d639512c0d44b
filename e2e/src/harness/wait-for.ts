/** Waiting for conditions: the only way these tests wait. */

export interface WaitOptions {
  /** Gives up after this long, in milliseconds. Default 60,000: generous, because a full machine is slow, not wrong. */
  readonly timeoutMs?: number
  /** Pause between two looks, in milliseconds. Default 50. */
  readonly everyMs?: number
  /** Ends the wait with its error as soon as it gives one, e.g. when the process that should answer is dead. */
  readonly abortWhen?: () => Error | null
}

/**
 * Looks until `probe` gives something other than null, undefined or false, and resolves with it. A probe that throws
 * is looked at again; its last error is told when time is up.
 * @throws Error naming what was waited for
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<Exclude<T, null | undefined | false>> {
  const { timeoutMs = 60_000, everyMs = 50, abortWhen } = options
  const deadline = Date.now() + timeoutMs
  let last: unknown = null
  for (;;) {
    const aborted = abortWhen?.() ?? null
    if (aborted !== null) throw aborted
    try {
      const value = await probe()
      // The three values below are those the type leaves out.
      if (value !== null && value !== undefined && value !== false) return value as Exclude<T, null | undefined | false>
      last = null
    } catch (error) {
      last = error
    }
    if (Date.now() >= deadline)
      throw new Error(`wait for ${what}: not within ${timeoutMs} ms${last === null ? '' : `, last: ${String(last)}`}`)
    await pause(everyMs)
  }
}

/** A pause between two looks at a condition; never a substitute for one. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
