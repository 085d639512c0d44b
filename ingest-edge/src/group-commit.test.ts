import { LogFullError, type LogRecord } from '@ecomind/event-log'
import type { UsageEvent } from '@ecomind/schemas'
import { decodeBatch } from '@ecomind/schemas/avro'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ARRIVED_AT_MS, validEvent } from '../test-support/valid-event.ts'
import { GroupCommit, refusalOfFailure } from './group-commit.ts'
import { PlainEvents } from './plain-events.ts'
import { validateEvent } from './validate-event.ts'

interface Append {
  readonly partition: number
  readonly ids: readonly string[]
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

const DELAY_MS = 2

/** A log whose appends the test settles by hand. */
function heldLog(partitions: number) {
  const appends: Append[] = []
  const append = (partition: number, records: readonly LogRecord[]) => {
    const ids = records.flatMap(({ value }) => decodeBatch(value).events.map(({ event }) => event.event_id))
    return new Promise<number>((resolve, reject) => {
      appends.push({ partition, ids, resolve: () => resolve(0), reject })
    })
  }
  return { appends, log: { partitions, append } }
}

function event(eventId: string, change: Record<string, unknown> = {}): UsageEvent {
  const rules = {
    tsMinMs: 0,
    tsMaxMs: ARRIVED_AT_MS,
    orgId: 'org_demo',
    orgIsImplied: false,
    plain: false,
    newEventId: () => '',
  }
  const made = validateEvent(validEvent({ event_id: eventId, ...change }), rules)
  if (made === null) throw new Error('the test made an invalid event')
  return made
}

function commitOver(log: ReturnType<typeof heldLog>['log'], maxBytes = 100_000) {
  const settled: { name: string; failure: unknown }[] = []
  const commit = new GroupCommit({
    log,
    edgeId: 'edge-test',
    delayMs: DELAY_MS,
    maxBytes,
    nowMs: () => ARRIVED_AT_MS,
    faultPoint: () => {},
    onAppend: () => {},
  })
  const add = (name: string, events: UsageEvent[]) =>
    commit.add(new PlainEvents(events), {
      settled: (failure) => settled.push({ name, failure }),
      fail: () => {},
    })
  return { commit, settled, add }
}

const microtasks = () => vi.advanceTimersByTimeAsync(0)

describe('GroupCommit', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('puts the events of requests that come close together into one record and answers them together', async () => {
    const { appends, log } = heldLog(1)
    const { settled, add } = commitOver(log)
    add('a', [event('event-0001')])
    add('b', [event('event-0002'), event('event-0003')])
    expect(appends).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(DELAY_MS)
    expect(appends.map((a) => a.ids)).toEqual([['event-0001', 'event-0002', 'event-0003']])
    expect(settled).toEqual([])
    appends[0]?.resolve()
    await microtasks()
    expect(settled).toEqual([
      { name: 'a', failure: null },
      { name: 'b', failure: null },
    ])
  })

  it('answers a request only when all partitions that hold its events are durable', async () => {
    const { appends, log } = heldLog(4)
    const { settled, add } = commitOver(log)
    add(
      'a',
      Array.from({ length: 40 }, (_, i) => event(`event-${i + 1000}`)),
    )
    await vi.advanceTimersByTimeAsync(DELAY_MS)
    expect(appends).toHaveLength(4)
    for (const append of appends.slice(0, 3)) append.resolve()
    await microtasks()
    expect(settled).toEqual([])
    appends[3]?.resolve()
    await microtasks()
    expect(settled).toEqual([{ name: 'a', failure: null }])
  })

  it('fails a request when one of its partitions fails, and leaves requests of other partitions alone', async () => {
    const { appends, log } = heldLog(2)
    const { settled, add } = commitOver(log)
    const many = Array.from({ length: 20 }, (_, i) => event(`event-${i + 1000}`))
    add('both', many)
    await vi.advanceTimersByTimeAsync(DELAY_MS)
    const onlyFirst = many.find((e) => appends.find((a) => a.partition === 0)?.ids.includes(e.event_id))
    const full = new LogFullError('full', 7)
    for (const append of appends) append.partition === 1 ? append.reject(full) : append.resolve()
    await microtasks()
    add('first', onlyFirst === undefined ? [] : [onlyFirst])
    await vi.advanceTimersByTimeAsync(DELAY_MS)
    appends[2]?.resolve()
    await microtasks()
    expect(settled).toEqual([
      { name: 'both', failure: full },
      { name: 'first', failure: null },
    ])
    expect(refusalOfFailure(full)).toMatchObject({ code: 'log_full', retryAfterSeconds: 7 })
  })

  it('tells the requests behind one that throws when it hears, and that one what it threw', async () => {
    const { appends, log } = heldLog(1)
    const { commit, settled, add } = commitOver(log)
    const fault = new Error('no answer')
    const throwing = {
      settled: () => {
        throw fault
      },
      fail: (failure: unknown) => settled.push({ name: 'throwing', failure }),
    }
    commit.add(new PlainEvents([event('event-0001')]), throwing)
    add('b', [event('event-0002')])
    await vi.advanceTimersByTimeAsync(DELAY_MS)
    appends[0]?.resolve()
    await commit.drain()
    expect(settled).toEqual([
      { name: 'throwing', failure: fault },
      { name: 'b', failure: null },
    ])
  })

  it('cuts records at their size without waiting, keeps their order and loses no event', async () => {
    const { appends, log } = heldLog(1)
    const { settled, add } = commitOver(log, 2000)
    const ids = Array.from({ length: 300 }, (_, i) => `event-${i + 1000}`)
    add(
      'a',
      ids.map((id) => event(id, { tags: { note: 'x'.repeat(50) } })),
    )
    expect(appends.length).toBeGreaterThan(0)
    for (let i = 0; i < 100; i++) {
      for (const append of appends) append.resolve()
      await vi.advanceTimersByTimeAsync(DELAY_MS)
    }
    expect(appends.flatMap((a) => a.ids)).toEqual(ids)
    expect(settled).toEqual([{ name: 'a', failure: null }])
  })

  it('lets groups grow instead of piling up appends while the log is slow', async () => {
    const { appends, log } = heldLog(1)
    const { add, commit } = commitOver(log)
    for (let i = 0; i < 20; i++) {
      add(`r${i}`, [event(`event-${i + 1000}`)])
      await vi.advanceTimersByTimeAsync(DELAY_MS)
    }
    expect(appends).toHaveLength(1)
    expect(commit.bytes).toBeGreaterThan(0)
    appends[0]?.resolve()
    await microtasks()
    // The clients that are answered now get the usual delay to join.
    expect(appends).toHaveLength(1)
    add('joins', [event('event-9999')])
    await vi.advanceTimersByTimeAsync(DELAY_MS)
    expect(appends).toHaveLength(2)
    expect(appends[1]?.ids).toHaveLength(20)
  })

  it('encodes an event that is larger than its buffer', async () => {
    const { appends, log } = heldLog(1)
    const { add } = commitOver(log, 900_000)
    const tags = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`key-${i + 10}`, 'x'.repeat(256)]))
    add(
      'a',
      Array.from({ length: 100 }, (_, i) => event(`event-${i + 1000}`, { tags })),
    )
    await vi.advanceTimersByTimeAsync(DELAY_MS)
    expect(appends[0]?.ids).toHaveLength(100)
  })

  it('drain appends at once and waits until everything is settled', async () => {
    const { appends, log } = heldLog(1)
    const { add, commit, settled } = commitOver(log)
    add('a', [event('event-0001')])
    let drained = false
    const draining = commit.drain().then(() => {
      drained = true
    })
    expect(appends).toHaveLength(1)
    await microtasks()
    expect(drained).toBe(false)
    appends[0]?.resolve()
    await draining
    expect(settled).toEqual([{ name: 'a', failure: null }])
  })
})
