import { crc32 } from 'node:zlib'
import { encodeBatch } from '@ecomind/schemas/avro'
import { describe, expect, it } from 'vitest'
import { decodeRecords } from './decode-records.ts'
import { usageEvent } from './testing/traffic.ts'

const head = { arrivedAtMs: 1000, edgeId: 'edge-1', replayOf: null }
const record = (offset: number, value: Uint8Array) => ({ kind: 'ok', offset, arrivedAtMs: 999, value }) as const

describe('decodeRecords', () => {
  it('gives every event its position, its arrival from the head and the fingerprint of its bytes', () => {
    const events = [usageEvent({ event_id: 'event-a1' }), usageEvent({ event_id: 'event-b2' })]
    const { events: decoded, poison } = decodeRecords([record(7, encodeBatch(head, events))])
    expect(poison).toEqual([])
    expect(decoded.map(({ offset, index, arrivedAtMs }) => [offset, index, arrivedAtMs])).toEqual([
      [7, 0, 1000],
      [7, 1, 1000],
    ])
    for (const one of decoded) expect(one.contentHash).toBe(crc32(one.bytes))
  })

  it('gives equal content equal fingerprints, whatever record it came in', () => {
    const event = usageEvent()
    const alone = decodeRecords([record(1, encodeBatch(head, [event]))]).events[0]
    const later = decodeRecords([
      record(2, encodeBatch({ ...head, replayOf: '1/2/3/4' }, [usageEvent({ user_id: 'x' }), event])),
    ])
    expect(later.events[1]?.contentHash).toBe(alone?.contentHash)
    expect(later.events[0]?.contentHash).not.toBe(alone?.contentHash)
  })

  it('sets aside what it cannot read, with reason and bytes, and goes on behind it', () => {
    const unknown = Buffer.from([0, 0, 0, 0, 99, 1, 2])
    const { events, poison } = decodeRecords([
      record(1, Buffer.from('poison')),
      record(2, unknown),
      { kind: 'corrupt', offset: 3, arrivedAtMs: null, value: Buffer.from('torn'), detail: 'checksum differs' },
      record(4, encodeBatch(head, [usageEvent()])),
    ])
    expect(events).toHaveLength(1)
    expect(poison.map(({ offset, reason, schemaId }) => ({ offset, reason, schemaId }))).toEqual([
      { offset: 1, reason: 'undecodable_record', schemaId: 0 },
      { offset: 2, reason: 'unknown_schema', schemaId: 99 },
      { offset: 3, reason: 'corrupt_record', schemaId: 0 },
    ])
    expect(poison[1]?.bytes).toEqual(unknown)
    expect(poison[2]?.arrivedAtMs).toBe(0)
  })
})
