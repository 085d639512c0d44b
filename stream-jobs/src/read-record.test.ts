import { decodeBatch, encodeBatch, frameBatch } from '@ecomind/schemas/avro'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DecodedRecords, decodeRecord, decodeThroughObjects } from './decode-records.ts'
import { EventColumns, textAt } from './event-columns.ts'
import { readRecord } from './read-record.ts'
import { anyEvent } from './testing/any-event.ts'
import { usageEvent } from './testing/traffic.ts'

const head = fc.record({
  arrivedAtMs: fc.oneof(fc.nat(), fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 })),
  edgeId: fc.string({ maxLength: 10 }),
  replayOf: fc.option(fc.string({ maxLength: 20 }), { nil: null }),
})
const batch = fc.tuple(head, fc.array(anyEvent, { minLength: 1, maxLength: 8 }))
const stored = (value: Uint8Array) => ({ kind: 'ok', offset: 7, arrivedAtMs: 5, value }) as const

/** Everything that the columns say of every row, and what was set aside. */
function contentOf({ events, poison }: DecodedRecords) {
  const { names, bytes } = events
  const text = (ids: Uint32Array, row: number) => names.text(ids[row] ?? -1)
  const rows = Array.from({ length: events.count }, (_, row) => ({
    ...events.headOf(row),
    record: null,
    names: [events.orgs, events.teams, events.projects, events.sources, events.providers, events.models]
      .concat([events.regions, events.tokensSources, events.serviceTiers])
      .map((ids) => text(ids, row)),
    id: events.eventId(row),
    user: textAt(bytes, events.userIdStarts[row] ?? 0, events.userIdEnds[row] ?? 0),
    numbers: [events.ts, events.tokensIn, events.tokensOut, events.tokensCacheRead, events.tokensCacheWrite]
      .concat([events.tokensReasoning, events.latencyMs, events.arrivedAtMs, events.offsets])
      .map((column) => column[row]),
    small: [events.reasoningSeparate, events.indexes, events.contentHashes, events.arrivalDays].map((c) => c[row]),
    bytes: Buffer.from(events.eventBytes(row)).toString('hex'),
    tags: Array.from({ length: events.tagCounts[row] ?? 0 }, (_tag, i) => {
      const at = ((events.tagFirsts[row] ?? 0) + i) * 4
      const [a = 0, b = 0, c = 0, d = 0] = events.tagSpans.subarray(at, at + 4)
      return [textAt(bytes, a, b), textAt(bytes, c, d)]
    }),
  }))
  return { rows, poison }
}

function both(value: Uint8Array) {
  const [fast, plain] = [emptyRecords(), emptyRecords()]
  decodeRecord(stored(value), fast)
  decodeThroughObjects(stored(value), plain)
  return [contentOf(fast), contentOf(plain)] as const
}

const emptyRecords = (): DecodedRecords => ({ events: new EventColumns(), poison: [] })

function isReadAtOnce(value: Uint8Array): boolean {
  const events = new EventColumns()
  return readRecord(events, events.addBytes(value), 0)
}

describe('readRecord', () => {
  it('gives the columns that avsc gives, for any events', () => {
    fc.assert(
      fc.property(batch, ([of, events]) => {
        const [fast, plain] = both(encodeBatch(of, events))
        expect(fast).toEqual(plain)
        expect(fast.rows).toHaveLength(events.length)
      }),
      { numRuns: 500 },
    )
  })

  it('gives what avsc gives, events or poison, for bytes that were changed or cut off', () => {
    const change = fc.record({
      at: fc.double({ min: 0, max: 0.9999, noNaN: true }),
      byte: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2, 3, 4, 0x7f, 0x80, 0xff)),
    })
    const changes = fc.array(change, { maxLength: 2 })
    const small = fc.tuple(head, fc.array(anyEvent, { minLength: 1, maxLength: 2 }))
    const kept = fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true }))
    let readAtOnce = 0
    fc.assert(
      fc.property(small, changes, kept, ([of, events], spoilt, part) => {
        const bytes = encodeBatch(of, events)
        for (const { at, byte } of spoilt) bytes[Math.floor(at * bytes.length)] = byte
        const value = bytes.subarray(0, Math.ceil(bytes.length * part))
        const [fast, plain] = both(value)
        expect(fast).toEqual(plain)
        if (isReadAtOnce(value)) readAtOnce += 1
      }),
      { numRuns: 1500 },
    )
    expect(readAtOnce).toBeGreaterThan(50)
  })

  it('reads what our edge writes by itself', () => {
    const full = usageEvent({
      user_id: 'zoë@example.com',
      team_id: 'équipe',
      source: 'sdk',
      tokens_cache_read: 0,
      tokens_reasoning: 10_000_000,
      latency_ms: 86_400_000,
      tokens_source: 'provider',
      service_tier: 'batch',
      tags: { a: '', 'cost-centre': '17', é: 'ü' },
    })
    const of = { arrivedAtMs: 1_760_000_000_000, edgeId: 'edge-1', replayOf: '1/2/3/4' }
    expect(isReadAtOnce(encodeBatch(of, [full, usageEvent({ ts: -1, region: null })]))).toBe(true)
  })

  it('adds nothing of a record that it leaves to avsc half way', () => {
    const events = new EventColumns()
    const of = { arrivedAtMs: 1, edgeId: 'e', replayOf: null }
    const good = encodeBatch(of, [usageEvent()])
    expect(readRecord(events, events.addBytes(good), 3)).toBe(true)
    const cut = encodeBatch(of, [usageEvent({ tags: { a: 'b' } }), usageEvent()]).subarray(0, -9)
    expect(readRecord(events, events.addBytes(cut), 4)).toBe(false)
    expect([events.count, events.tagsUsed, events.records.length]).toEqual([1, 0, 1])
  })

  it('leaves to avsc what an edge never writes: blocks with sizes, wide numbers, text that is not UTF-8', () => {
    const of = { arrivedAtMs: 1, edgeId: 'e', replayOf: null }
    const sized = frameBatch(of, 1, encodeEvents(usageEvent()))
    const count = sized.indexOf(Buffer.from([2]), 5 + 1 + 2 + 1)
    const block = Buffer.concat([sized.subarray(0, count), Buffer.from([1, 0x80, 0x01]), sized.subarray(count + 1)])
    const wide = encodeBatch(of, [usageEvent({ tokens_in: -5, tokens_out: 2 ** 31 - 1 })])
    const torn = encodeBatch(of, [usageEvent({ user_id: 'aaaa', model: 'mmmm' })])
    torn.fill(0xff, torn.indexOf('aaaa'), torn.indexOf('aaaa') + 2)
    torn.fill(0xc0, torn.indexOf('mmmm'), torn.indexOf('mmmm') + 1)
    for (const value of [block, wide, torn]) {
      expect(isReadAtOnce(value)).toBe(false)
      const [fast, plain] = both(value)
      expect(fast).toEqual(plain)
      expect(fast.rows).toHaveLength(1)
    }
  })

  it('does not reserve memory for events that a record only claims to hold', () => {
    const events = new EventColumns()
    const before = events.capacity
    const claimed = Buffer.from([0, 0, 0, 0, 1, 2, 0, 0, 0xfe, 0xff, 0xff, 0x7f])
    expect(readRecord(events, events.addBytes(claimed), 0)).toBe(false)
    expect(events.capacity).toBe(before)
  })
})

function encodeEvents(...events: readonly ReturnType<typeof usageEvent>[]): Buffer {
  const record = encodeBatch({ arrivedAtMs: 0, edgeId: '', replayOf: null }, events)
  return Buffer.concat(decodeBatch(record).events.map(({ bytes }) => bytes))
}
