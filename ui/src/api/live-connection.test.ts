import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createLiveConnection, type LiveSource, POLL_MS, retryDelayMs } from './live-connection.ts'

class FakeSource implements LiveSource {
  readonly listeners = new Map<string, (event: { data?: unknown }) => void>()
  closed = false
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void {
    this.listeners.set(type, listener)
  }
  close(): void {
    this.closed = true
  }
  say(type: string, data?: unknown): void {
    this.listeners.get(type)?.({ data })
  }
}

function connect() {
  const sources: FakeSource[] = []
  const statuses: string[] = []
  const onMessage = vi.fn()
  const onRefresh = vi.fn()
  const connection = createLiveConnection({
    open: () => {
      const source = new FakeSource()
      sources.push(source)
      return source
    },
    onStatus: (status) => statuses.push(status),
    onMessage,
    onRefresh,
    random: () => 1,
  })
  const newest = () => {
    const source = sources.at(-1)
    if (source === undefined) throw new Error('Take the newest source: none was opened')
    return source
  }
  return { connection, sources, statuses, onMessage, onRefresh, newest }
}

describe('createLiveConnection', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('hands on messages and passes over what is none', () => {
    const { connection, newest, onMessage, statuses } = connect()
    connection.start()
    newest().say('open')
    newest().say('usage', JSON.stringify({ today: {}, windows: [] }))
    newest().say('usage', '{"half')
    newest().say('usage', '[]')
    expect(statuses).toEqual(['connecting', 'live'])
    expect(onMessage).toHaveBeenCalledTimes(1)
  })

  test('comes back after a failure and then asks for what was missed', () => {
    const { connection, sources, newest, onRefresh, statuses } = connect()
    connection.start()
    newest().say('open')
    expect(onRefresh).not.toHaveBeenCalled()
    newest().say('error')
    expect(sources[0]?.closed).toBe(true)
    vi.advanceTimersByTime(retryDelayMs(1, 1))
    newest().say('open')
    expect(sources).toHaveLength(2)
    expect(onRefresh).toHaveBeenCalledTimes(1)
    expect(statuses).toEqual(['connecting', 'live', 'connecting', 'live'])
  })

  test('after three failures in a row it polls, and stops polling once it is connected again', () => {
    const { connection, newest, onRefresh, statuses } = connect()
    connection.start()
    for (let failures = 1; failures <= 3; failures++) {
      newest().say('error')
      if (failures < 3) vi.advanceTimersByTime(retryDelayMs(failures, 1))
    }
    expect(statuses.at(-1)).toBe('polling')
    vi.advanceTimersByTime(POLL_MS)
    expect(onRefresh).toHaveBeenCalledTimes(1)
    newest().say('open')
    expect(statuses.at(-1)).toBe('live')
    onRefresh.mockClear()
    vi.advanceTimersByTime(10 * POLL_MS)
    expect(onRefresh).not.toHaveBeenCalled()
  })

  test('a stopped connection leaves no timer and hears nothing more', () => {
    const { connection, newest, onMessage, sources } = connect()
    connection.start()
    newest().say('error')
    connection.stop()
    expect(vi.getTimerCount()).toBe(0)
    connection.start()
    const old = newest()
    connection.stop()
    old.say('usage', JSON.stringify({ today: {}, windows: [] }))
    old.say('error')
    expect(onMessage).not.toHaveBeenCalled()
    expect(sources).toHaveLength(2)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('pauses grow to half a minute and no further', () => {
    expect([1, 2, 3, 4, 5, 6, 20].map((failures) => retryDelayMs(failures, 1))).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
    ])
    expect(retryDelayMs(3, 0)).toBe(2_000)
  })
})
