import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { guardRollups } from './guard-rollups.ts'

const HOUR_MS = 3_600_000

let quiet = false
let checks = 0
let stop: () => Promise<void>
beforeEach(() => {
  vi.useFakeTimers()
  quiet = false
  checks = 0
  const query = async ({ text }: { readonly text: string }) => {
    if (text.includes('ecomind.usage_events')) checks += 1
    return []
  }
  const loader = { isQuiet: () => quiet, whileLoadingPaused: <T>(work: () => Promise<T>) => work() }
  const clickhouse = { query } as never
  stop = guardRollups({ clickhouse, loader, logger: pino({ level: 'silent' }), registry: new Registry() })
})
afterEach(async () => {
  await stop()
  vi.useRealTimers()
})

describe('guardRollups', () => {
  it('checks once as soon as the loader is quiet, and again every six hours', async () => {
    await vi.advanceTimersByTimeAsync(HOUR_MS)
    expect(checks).toBe(0)
    quiet = true
    await vi.advanceTimersByTimeAsync(1_000)
    expect(checks).toBe(1)
    await vi.advanceTimersByTimeAsync(4 * HOUR_MS)
    expect(checks).toBe(1)
    await vi.advanceTimersByTimeAsync(8 * HOUR_MS)
    expect(checks).toBe(3)
  })

  it('never begins a check while a partition is refused, and makes up for it with one', async () => {
    await vi.advanceTimersByTimeAsync(30 * HOUR_MS)
    expect(checks).toBe(0)
    quiet = true
    await vi.advanceTimersByTimeAsync(10_000)
    expect(checks).toBe(1)
  })
})
