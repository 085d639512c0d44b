import { usageEventInput } from '@ecomind/schemas'
import { describe, expect, it } from 'vitest'
import { sampleEvents } from './sample-events.ts'
import { readTrace } from './trace.ts'

const trace = readTrace()
const now = Date.parse('2026-11-23T14:30:00Z')

describe('readTrace', () => {
  it('gives the published sums', () => {
    expect(trace.length).toBe(19_366)
    expect(trace.reduce((sum, r) => sum + r.tokensIn, 0)).toBe(22_361_870)
    expect(trace.reduce((sum, r) => sum + r.tokensOut, 0)).toBe(4_088_665)
  })

  it('keeps the order of time within one hour', () => {
    expect(trace.every((r, i) => i === 0 || r.offsetMs >= (trace[i - 1]?.offsetMs ?? 0))).toBe(true)
    expect(trace.every((r) => r.offsetMs >= 0 && r.offsetMs < 3_600_000)).toBe(true)
  })
})

describe('sampleEvents', () => {
  const events = [...sampleEvents(trace, now)]

  it('gives valid events with ids of their own', () => {
    const invalid = events.filter((event) => !usageEventInput.safeParse(event).success)
    expect(invalid).toEqual([])
    expect(new Set(events.map((e) => e.event_id)).size).toBe(events.length)
  })

  it('covers 30 days and nothing after now', () => {
    const days = new Set(events.map((e) => new Date(Number(e.ts)).toISOString().slice(0, 10)))
    expect(days.size).toBe(30)
    expect(Math.max(...events.map((e) => Number(e.ts)))).toBeLessThanOrEqual(now)
  })

  it('is the same for every run, so that sending it again counts nothing twice', () => {
    const days = 4
    const today = [...sampleEvents(trace, now, days)]
    const tomorrow = new Map(
      [...sampleEvents(trace, now + 86_400_000, days)].map((e) => [e.event_id, JSON.stringify(e)]),
    )
    const again = today.filter((e) => tomorrow.has(e.event_id))
    expect(again.length).toBeGreaterThan(1000)
    for (const event of again) expect(JSON.stringify(event)).toBe(tomorrow.get(event.event_id))
    expect(JSON.stringify([...sampleEvents(trace, now, days)])).toBe(JSON.stringify(today))
  })

  it('is labelled', () => {
    expect(events.every((e) => e.tags?.['sample'] === 'azure-llm-trace-2023')).toBe(true)
  })
})
