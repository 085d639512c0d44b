import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createWatermark, newestGuardedEventMs } from './watermark.ts'

const rules = { boundMs: 60_000, futureGuardMs: 300_000 }
const T = 1_760_000_000_000

describe('watermark', () => {
  it('is the newest event time minus the bound, the smallest over the partitions, unknown until each has one', () => {
    const w = createWatermark(rules)
    w.assign(0, null, null)
    w.assign(1, null, null)
    w.finish(0, T)
    expect(w.global()).toBeNull()
    w.finish(1, T - 5000)
    expect(w.global()).toBe(T - 65_000)
    w.revoke(1)
    expect(w.global()).toBe(T - 60_000)
  })

  it('moves with the wall clock where all is read, never while a batch is in flight, never back', () => {
    const w = createWatermark(rules)
    w.assign(0, null, null)
    w.idle(0, T)
    expect(w.publishable()).toBe(T - 60_000)
    w.begin(0, w.global())
    w.idle(0, T + 10_000)
    expect(w.global()).toBe(T - 60_000)
    w.finish(0, T - 500_000)
    w.idle(0, T - 10_000)
    expect(w.global()).toBe(T - 60_000)
  })

  it('goes on where a commit note or the published table left it, whichever is newer', () => {
    const w = createWatermark(rules)
    w.assign(0, T - 9, T)
    expect(w.global()).toBe(T)
  })

  it('is not published past a batch whose rollups are in doubt, until that is settled', () => {
    const w = createWatermark(rules)
    w.assign(0, T, T)
    expect(w.publishable()).toBe(T)
    w.hold(0, T + 20_000)
    w.hold(0, T + 10_000)
    w.hold(0, T + 30_000)
    w.finish(0, T + 200_000)
    expect(w.global()).toBe(T + 140_000)
    expect(w.publishable()).toBe(T + 10_000)
    w.letGo(0)
    expect(w.publishable()).toBe(T + 140_000)
  })

  it('is not published past the one that a batch in flight carries', () => {
    const w = createWatermark(rules)
    w.assign(0, null, T)
    w.assign(1, null, T + 5000)
    w.begin(1, w.global())
    w.finish(0, T + 100_000)
    expect(w.global()).toBe(T + 5000)
    expect(w.publishable()).toBe(T)
    w.finish(1, null)
    expect(w.publishable()).toBe(T + 5000)
  })

  it('is recorded as at least what was published before, though a partition is not known yet or is behind', () => {
    const w = createWatermark(rules)
    w.assign(0, T, null)
    w.assign(1, null, null)
    expect([w.global(), w.toRecord(0)]).toEqual([null, T])
    w.assign(1, null, T + 9)
    expect([w.publishable(), w.toRecord(1)]).toEqual([T, T])
    w.assign(2, null, T - 50)
    expect([w.global(), w.toRecord(2), w.publishable()]).toEqual([T - 50, T, T])
  })

  it('is not moved by an event more than the guard ahead of its arrival', () => {
    const newestOf = (...ts: number[]) => {
      const arrivedAtMs = new Float64Array(ts.length).fill(T)
      return newestGuardedEventMs({ count: ts.length, ts: Float64Array.from(ts), arrivedAtMs }, 300_000)
    }
    expect(newestOf(T + 300_001, T - 7)).toBe(T - 7)
    expect(newestOf(T + 300_000)).toBe(T + 300_000)
    expect(newestOf(T + 300_001)).toBeNull()
  })

  it('never goes back as published, whatever the order of what happens', () => {
    const step = fc.record({
      partition: fc.nat(2),
      kind: fc.constantFrom('begin', 'finish', 'idle'),
      atMs: fc.integer({ min: T - 1e6, max: T + 1e6 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const w = createWatermark(rules)
        for (const partition of [0, 1, 2]) w.assign(partition, null, null)
        let last: number | null = null
        for (const { partition, kind, atMs } of steps) {
          if (kind === 'begin') w.begin(partition, w.global())
          else if (kind === 'finish') w.finish(partition, atMs)
          else w.idle(partition, atMs)
          const now = w.publishable()
          if (last !== null) expect(now).not.toBeNull()
          if (last !== null && now !== null) expect(now).toBeGreaterThanOrEqual(last)
          last = now
        }
      }),
    )
  })
})
