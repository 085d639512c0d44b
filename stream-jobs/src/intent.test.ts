import { describe, expect, it } from 'vitest'
import { packDays } from './day-ranges.ts'
import { BadNoteError, formatNote, formatToken, type Intent, NOTE_BYTES_MAX, parseNote } from './intent.ts'

const intent: Intent = {
  state: 'intent',
  version: 1,
  generation: 4_294_967_295,
  partition: 3,
  from: 10,
  to: 20,
  count: 100,
  stored: 90,
  factorSet: 'default@2026.1',
  methodVersion: '1',
  watermarkMs: 1_760_000_000_000,
  partitionWatermarkMs: null,
  writtenAtMs: 1_760_000_000_001,
  token: formatToken('ecomind.usage-events.v1', 4_294_967_295, 3, 10, 20),
}
const at = { partition: 3, offset: 10 }

describe('commit note', () => {
  it('comes back as it was written and stays under 4 KiB at its largest', () => {
    expect(parseNote(formatNote(intent), at)).toEqual(intent)
    const days = Array.from({ length: 1000 }, (_, i) => 20_000 + 3 * i)
    const largest: Intent = {
      ...intent,
      factorSet: 'x'.repeat(128),
      methodVersion: 'y'.repeat(64),
      token: 'z'.repeat(512),
      byPosition: true,
      toCompare: packDays(days).map(([first, last]) => [first, last]),
    }
    expect(parseNote(formatNote(largest), at)).toEqual(largest)
    expect(Buffer.byteLength(formatNote(largest))).toBeLessThan(NOTE_BYTES_MAX)
  })

  it('is nothing when nothing was written', () => {
    expect(parseNote('', at)).toBeNull()
  })

  it.each([
    ['no JSON', '{'],
    ['another state', JSON.stringify({ ...intent, state: 'maybe' })],
    ['a later version', JSON.stringify({ ...intent, version: 2 })],
    ['a field too many', JSON.stringify({ ...intent, extra: 1 })],
    ['another partition', JSON.stringify({ ...intent, partition: 4 })],
    ['another start', JSON.stringify({ ...intent, from: 9 })],
    ['days in descending order', JSON.stringify({ ...intent, toCompare: [[20_001, 20_000]] })],
    ['days without end', JSON.stringify({ ...intent, toCompare: [[0, 1_000_000_000]] })],
    ['by position or not by position', JSON.stringify({ ...intent, byPosition: false })],
    ['an empty range', JSON.stringify({ ...intent, to: 10 })],
  ])('is refused with %s', (_, text) => {
    expect(() => parseNote(text, at)).toThrow(BadNoteError)
  })

  it('has a token that names generation, partition and range', () => {
    expect(intent.token).toBe('ecomind.usage-events.v1/4294967295/3/10-20')
  })
})
