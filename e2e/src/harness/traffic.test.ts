import { usageEventInput } from '@ecomind/schemas'
import { describe, expect, it } from 'vitest'
import { createEventMaker } from './event-maker.ts'
import { encodeBody } from './ingest-client.ts'
import { createLedger } from './ledger.ts'
import { createRandom } from './random.ts'
import { nextRequest } from './traffic.ts'

const NOW_MS = Date.UTC(2026, 10, 23, 12)

describe('createEventMaker', () => {
  it('makes only events that the contract accepts, and some at both sides of a window edge', () => {
    const make = createEventMaker({ random: createRandom(1), nowMs: NOW_MS, idPrefix: 'test' })
    const events = Array.from({ length: 2_000 }, make)
    for (const event of events) expect(usageEventInput.safeParse(event).error).toBeUndefined()
    expect(events.every((e) => e.ts <= NOW_MS && e.ts > NOW_MS - 1_096 * 86_400_000)).toBe(true)
    expect(events.some((e) => e.ts % 86_400_000 === 0)).toBe(true)
    expect(events.some((e) => e.ts % 86_400_000 === 86_399_999)).toBe(true)
  })
})

describe('nextRequest', () => {
  it('repeats events inside a request and from earlier requests, and now and then gives a known id to another event', () => {
    const random = createRandom(2)
    const make = createEventMaker({ random, nowMs: NOW_MS, idPrefix: 'test' })
    const ledger = createLedger()
    let insideOne = 0
    let fromEarlier = 0
    let conflicting = 0
    for (let i = 0; i < 300; i++) {
      const { events } = nextRequest(random, make, ledger)
      const ids = events.map((e) => e.event_id)
      if (new Set(ids).size < ids.length) insideOne++
      if (ids.some((id) => ledger.entries.has(id))) fromEarlier++
      if (events.some((e) => (ledger.entries.get(e.event_id)?.event ?? e) !== e)) conflicting++
      ledger.recordSent(events)
      ledger.recordAcknowledged(events)
    }
    expect(insideOne).toBeGreaterThan(30)
    expect(fromEarlier).toBeGreaterThan(30)
    expect(conflicting).toBeGreaterThan(3)
  })
})

describe('encodeBody', () => {
  it('writes one line per event as NDJSON and says gzip only when it is', () => {
    const make = createEventMaker({ random: createRandom(3), nowMs: NOW_MS, idPrefix: 'test' })
    const plain = encodeBody({ events: [make(), make()], shape: 'ndjson', gzip: false })
    expect(plain.bytes.toString().trimEnd().split('\n')).toHaveLength(2)
    expect(plain.headers['content-encoding']).toBeUndefined()
    const packed = encodeBody({ events: [make()], shape: 'single', gzip: true })
    expect(packed.headers['content-encoding']).toBe('gzip')
    expect([...packed.bytes.subarray(0, 2)]).toEqual([0x1f, 0x8b])
  })
})
