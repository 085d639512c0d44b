import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { contentHash } from './content-hash.ts'

it('contentHash is the CRC-32 of zlib, of any range', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(40), fc.nat(40), (all, before, behind) => {
      const bytes = Uint8Array.from(all)
      const start = Math.min(before, bytes.length)
      const end = Math.max(start, bytes.length - behind)
      const hash = contentHash(bytes, new DataView(bytes.buffer), start, end)
      expect(hash >>> 0).toBe(crc32(bytes.subarray(start, end)))
    }),
    { numRuns: 500 },
  )
})
