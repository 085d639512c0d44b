import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { throttle } from './throttle.ts'

describe('throttle', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('acts at once, then once for all calls of a pause, then rests', () => {
    const act = vi.fn()
    const { run } = throttle(act, 1_000)
    run()
    run()
    run()
    expect(act).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(1_000)
    expect(act).toHaveBeenCalledTimes(2)
    vi.advanceTimersByTime(10_000)
    expect(act).toHaveBeenCalledTimes(2)
  })

  test('a cancelled one does not make up for what was wanted', () => {
    const act = vi.fn()
    const { run, cancel } = throttle(act, 1_000)
    run()
    run()
    cancel()
    vi.advanceTimersByTime(10_000)
    expect(act).toHaveBeenCalledTimes(1)
  })
})
