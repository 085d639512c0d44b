import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inflate } from './inflate.ts'

const LIMIT = 100_000

describe('inflate', () => {
  it('gives back what was compressed, in one or several members', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.uint8Array({ maxLength: 3000 }), (a, b) => {
        expect(inflate(Buffer.concat([gzipSync(a), gzipSync(b)]), LIMIT)).toEqual({
          kind: 'ok',
          body: Buffer.concat([a, b]),
        })
      }),
    )
  })

  it('takes exactly the limit and refuses one byte more', () => {
    expect(inflate(gzipSync(Buffer.alloc(LIMIT)), LIMIT).kind).toBe('ok')
    expect(inflate(gzipSync(Buffer.alloc(LIMIT + 1)), LIMIT).kind).toBe('too-large')
  })

  it('bounds the sum of many members', () => {
    const member = gzipSync(Buffer.alloc(LIMIT / 4))
    expect(inflate(Buffer.concat(Array.from({ length: 5 }, () => member)), LIMIT).kind).toBe('too-large')
  })

  it('stops early on a zip bomb', () => {
    const bomb = gzipSync(Buffer.alloc(300_000_000))
    const before = process.memoryUsage().arrayBuffers
    expect(inflate(bomb, LIMIT).kind).toBe('too-large')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000)
  })

  it('refuses what is cut short, damaged, followed by junk or no gzip at all', () => {
    const whole = gzipSync('{"a":1}')
    const damaged = Buffer.from(whole)
    damaged.writeUInt8(damaged.readUInt8(whole.length - 6) ^ 1, whole.length - 6)
    for (const body of [
      whole.subarray(0, -1),
      damaged,
      Buffer.concat([whole, Buffer.from('junk')]),
      Buffer.from('{}'),
      Buffer.alloc(0),
    ]) {
      expect(inflate(body, LIMIT).kind).toBe('malformed')
    }
  })
})
