import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeRecord, prepareRecord, RECORD_HEADER_BYTES, sealRecord } from './record-codec.ts'

const place = { partition: 3, offset: 2 ** 40 + 17 }

function sealed(value: Uint8Array, arrivedAtMs = 1_700_000_000_123): Buffer {
  return sealRecord(prepareRecord(value, arrivedAtMs), place.partition, place.offset)
}

describe('record codec', () => {
  test('decodes what it encoded, for any value, arrival, partition and offset', () => {
    const any = fc.record({
      value: fc.uint8Array({ maxLength: 500 }),
      arrivedAtMs: fc.maxSafeNat().map((n) => n % 2 ** 48),
      partition: fc.nat(1_023),
      offset: fc.maxSafeNat().map((n) => n % 2 ** 48),
    })
    fc.assert(
      fc.property(any, ({ value, arrivedAtMs, partition, offset }) => {
        const stored = sealRecord(prepareRecord(value, arrivedAtMs), partition, offset)
        const decoded = decodeRecord(stored, partition, offset)
        expect(decoded).toMatchObject({ kind: 'ok', offset, arrivedAtMs })
        expect(Buffer.compare(decoded.value, value)).toBe(0)
      }),
    )
  })

  test('every single flipped bit is detected', () => {
    const value = Buffer.from('some bytes of a batch')
    for (let bit = 0; bit < (RECORD_HEADER_BYTES + value.length) * 8; bit++) {
      const stored = sealed(value)
      stored[bit >> 3] = (stored[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(decodeRecord(stored, place.partition, place.offset).kind, `bit ${bit}`).toBe('corrupt')
    }
  })

  test('a whole record at a foreign place is corrupt', () => {
    const stored = sealed(Buffer.from('value'))
    expect(decodeRecord(stored, place.partition, place.offset + 1).kind).toBe('corrupt')
    expect(decodeRecord(stored, place.partition + 1, place.offset).kind).toBe('corrupt')
  })

  test('a record cut off anywhere is corrupt and never throws', () => {
    const stored = sealed(Buffer.from('value'))
    for (let length = 0; length < stored.length; length++) {
      expect(decodeRecord(stored.subarray(0, length), place.partition, place.offset).kind).toBe('corrupt')
    }
  })

  test('the same record can be sealed for another place', () => {
    const record = prepareRecord(Buffer.from('value'), 5)
    sealRecord(record, 0, 1)
    expect(decodeRecord(sealRecord(record, 0, 2), 0, 2).kind).toBe('ok')
  })

  test('golden bytes of layout 1 decode for ever', () => {
    const golden = Buffer.from('017b68e5cf8b01006d52f9e165636f6d696e64', 'hex')
    expect(decodeRecord(golden, 1, 42)).toEqual({
      kind: 'ok',
      offset: 42,
      arrivedAtMs: 1_700_000_000_123,
      value: Buffer.from('ecomind'),
    })
  })
})
