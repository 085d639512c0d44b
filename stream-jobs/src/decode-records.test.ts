import { crc32 } from 'node:zlib'
import { encodeBatch } from '@ecomind/schemas/avro'
import { describe, expect, it } from 'vitest'
import { decodeRecords } from './decode-records.ts'
import { EventColumns } from './event-columns.ts'
import { usageEvent } from './testing/traffic.ts'

const head = { arrivedAtMs: 1000, edgeId: 'edge-1', replayOf: null }
const record = (offset: number, value: Uint8Array) => ({ kind: 'ok', offset, arrivedAtMs: 999, value }) as const

const decode = (...records: Parameters<typeof decodeRecords>[0]) => decodeRecords(records, new EventColumns())

describe('decodeRecords', () => {
  it('gives every event its position, its arrival from the head and the fingerprint of its bytes', async () => {
    const sent = [usageEvent({ event_id: 'event-a1' }), usageEvent({ event_id: 'event-b2' })]
    const { events, poison } = await decode(record(7, encodeBatch(head, sent)))
    expect(poison).toEqual([])
    expect([0, 1].map((row) => [events.offsets[row], events.indexes[row], events.arrivedAtMs[row]])).toEqual([
      [7, 0, 1000],
      [7, 1, 1000],
    ])
    for (const row of [0, 1]) expect(events.contentHashes[row]).toBe(crc32(events.eventBytes(row)))
  })

  it('gives equal content equal fingerprints, whatever record it came in', async () => {
    const event = usageEvent()
    const alone = (await decode(record(1, encodeBatch(head, [event])))).events.contentHashes[0]
    const later = encodeBatch({ ...head, replayOf: '1/2/3/4' }, [usageEvent({ user_id: 'x' }), event])
    const { events } = await decode(record(2, later))
    expect(events.contentHashes[1]).toBe(alone)
    expect(events.contentHashes[0]).not.toBe(alone)
  })

  it('sets aside what it cannot read, with reason and bytes, and goes on behind it', async () => {
    const unknown = Buffer.from([0, 0, 0, 0, 99, 1, 2])
    const { events, poison } = await decode(
      record(1, Buffer.from('poison')),
      record(2, unknown),
      { kind: 'corrupt', offset: 3, arrivedAtMs: null, value: Buffer.from('torn'), detail: 'checksum differs' },
      record(4, encodeBatch(head, [usageEvent()])),
    )
    expect(events.count).toBe(1)
    expect(poison.map(({ offset, reason, schemaId }) => ({ offset, reason, schemaId }))).toEqual([
      { offset: 1, reason: 'undecodable_record', schemaId: 0 },
      { offset: 2, reason: 'unknown_schema', schemaId: 99 },
      { offset: 3, reason: 'corrupt_record', schemaId: 0 },
    ])
    expect(poison[1]?.bytes).toEqual(unknown)
    expect(poison[2]?.arrivedAtMs).toBe(0)
  })
})
