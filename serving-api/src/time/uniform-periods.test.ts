import { describe, expect, test } from 'vitest'
import { uniformPeriods } from './uniform-periods.ts'

const at = (text: string): number => Date.parse(text)
const cut = (from: string, to: string, changes: readonly string[] = []) =>
  uniformPeriods({ fromMs: at(from), toMs: at(to) }, changes.map(at)).map(({ fromMs, toMs }) =>
    [fromMs, toMs].map((ms) => new Date(ms).toISOString().slice(0, 16)).join(' '),
  )

describe('uniformPeriods', () => {
  test('months, the first and the last cut at the ends', () => {
    expect(cut('2025-12-30T00:00Z', '2026-02-02T00:00Z')).toEqual([
      '2025-12-30T00:00 2026-01-01T00:00',
      '2026-01-01T00:00 2026-02-01T00:00',
      '2026-02-01T00:00 2026-02-02T00:00',
    ])
    expect(cut('2026-02-01T00:00Z', '2026-03-01T00:00Z')).toHaveLength(1)
  })

  test('changes inside, at the start of their minute, each once; those at the ends and outside cut nothing', () => {
    const changes = ['2026-02-10T12:00:30.5Z', '2026-02-10T12:00:59Z', '2026-02-01T00:00Z', '2026-03-01T00:00Z']
    expect(cut('2026-02-01T00:00Z', '2026-03-01T00:00Z', [...changes, '1990-01-01T00:00Z'])).toEqual([
      '2026-02-01T00:00 2026-02-10T12:00',
      '2026-02-10T12:00 2026-03-01T00:00',
    ])
  })
})
