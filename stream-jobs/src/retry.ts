/**
 * Back-pressure: whatever refuses for now is asked again for ever, with growing pauses, and meanwhile nothing more is
 * read. Only stopping ends it. What would fail again just the same is thrown at once.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { ClickHouseError } from '@ecomind/clickhouse'
import { LogUnavailableError } from '@ecomind/event-log'
import { SchemaNotThereError } from '@ecomind/schemas/registry'
import { isShortage } from './shortage.ts'

/** The loader was told to stop while something was refused; the batch's intent stays for the next start. */
export class LoaderStoppedError extends Error {
  override readonly name = 'LoaderStoppedError'
}

/** The database said yes and does not hold the rows: they are put in again. */
export class RowsMissingError extends Error {
  override readonly name = 'RowsMissingError'
}

export interface RetryRules {
  readonly firstMs: number
  readonly mostMs: number
  readonly signal: AbortSignal
  /** Told before each pause, and with null when it went through after all. */
  readonly onRefused: (error: unknown, attempt: number) => void
  readonly onAccepted: () => void
}

/** @throws LoaderStoppedError, or the first error that no repetition can cure */
export async function untilAccepted<T>(action: () => Promise<T>, rules: RetryRules): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    if (rules.signal.aborted) throw new LoaderStoppedError('load a batch: stopped')
    try {
      const result = await action()
      if (attempt > 1) rules.onAccepted()
      return result
    } catch (error) {
      if (!mayCureItself(error)) throw error
      rules.onRefused(error, attempt)
      const pauseMs = Math.min(rules.mostMs, rules.firstMs * 2 ** Math.min(attempt - 1, 20))
      await pause(pauseMs, undefined, { signal: rules.signal }).catch(() => undefined)
    }
  }
}

export function mayCureItself(error: unknown): boolean {
  if (error instanceof ClickHouseError) return error.retryable
  if (error instanceof LogUnavailableError || error instanceof RowsMissingError) return true
  if (error instanceof SchemaNotThereError) return true
  const text = error instanceof Error ? error.message : ''
  return isShortage(error) || /no space left|disk quota/i.test(text)
}
