import { expect, test } from 'vitest'
import { oneTimeCode } from './one-time-code.ts'

/** RFC 6238, appendix B, the last six digits of SHA-1; the secret is `12345678901234567890`. */
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_234_567_890, '005924'],
  [20_000_000_000, '353130'],
])('oneTimeCode: at %s s it is %s', (atS, code) => {
  expect(oneTimeCode('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', atS * 1000)).toBe(code)
})
