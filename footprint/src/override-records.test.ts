import { describe, expect, test } from 'vitest'
import { loadDefaultFactorSet } from './node.ts'
import type { FactorOverride } from './override.ts'
import {
  baseSetId,
  isSnapshotId,
  overrideSnapshot,
  overridesFromRecords,
  serialiseOverrides,
  serialiseSnapshot,
  snapshotFromRecords,
} from './override-records.ts'
import { applyOverrides } from './overrides.ts'

const base = loadDefaultFactorSet()
const stated = (id: string): FactorOverride => ({
  id,
  version: 2,
  provider: 'openai',
  model: 'gpt-4o*',
  energy: { form: 'call', boundary: 'facility', kwh_per_call: { low: 0.001, central: 1 / 3, high: 0.5 } },
  valid_from_ms: 1000,
  valid_to_ms: null,
  tier: 'E',
  evidence: { text: 'An estimate', year: 2026 },
})
const set = applyOverrides(base, 'org.a+b', 12, [stated('x'), stated('y')])

describe('records of overrides', () => {
  test('a set is restored to the same id and factors', () => {
    const restored = overridesFromRecords(set.id, serialiseOverrides(set), base)
    expect(restored.id).toBe(set.id)
    expect(restored.overrides).toEqual(set.overrides)
    expect(baseSetId(set.id)).toBe(base.id)
    expect(baseSetId(base.id)).toBeNull()
  })

  test('a missing row is told', () => {
    expect(() => overridesFromRecords(set.id, serialiseOverrides(set).slice(0, -1), base)).toThrow(/missing or changed/)
  })

  test('a snapshot names the set of every organisation', () => {
    const other = applyOverrides(base, 'org-2', 1, [stated('z')])
    const snapshot = overrideSnapshot(base, 14, [set, other])
    expect(isSnapshotId(snapshot.id)).toBe(true)
    expect(isSnapshotId(set.id)).toBe(false)
    const rows = serialiseSnapshot(snapshot)
    expect(snapshotFromRecords(snapshot.id, rows)).toEqual(snapshot)
    expect(() => snapshotFromRecords(snapshot.id, rows.slice(0, -1))).toThrow(/missing or changed/)
  })
})
