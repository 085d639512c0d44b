/** UUID version 7 (RFC 9562): 48 bits of epoch milliseconds, then 74 random bits. */
import { randomFillSync } from 'node:crypto'

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'))
const POOL_BYTES = 8192
const pool = Buffer.alloc(POOL_BYTES)
let used = POOL_BYTES
/** The text of the time changes once a millisecond, so it is kept. */
let timeMs = -1
let timeText = ''

const hex = (byte: number): string => HEX[byte] ?? ''

export function uuidV7(nowMs: number): string {
  if (used + 10 > POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  if (nowMs !== timeMs) {
    const digits = nowMs.toString(16).padStart(12, '0')
    timeText = `${digits.slice(0, 8)}-${digits.slice(8)}-7`
    timeMs = nowMs
  }
  const at = (i: number): number => pool[used + i] ?? 0
  const text = `${timeText}${hex(at(0)).charAt(1)}${hex(at(1))}-${hex((at(2) & 0x3f) | 0x80)}${hex(at(3))}-${hex(at(4))}${hex(at(5))}${hex(at(6))}${hex(at(7))}${hex(at(8))}${hex(at(9))}`
  used += 10
  return text
}
