import { describe, expect, test } from 'vitest'
import { compileCoefficients } from './compute.ts'
import { explain } from './explain.ts'
import { loadDefaultFactorSet } from './node.ts'
import { factorSetFromRecords, type SetRecords, serialiseFactor, serialiseFactorSet } from './records.ts'
import { restoreMatch, storedMatchOf } from './restore-match.ts'
import { sha256Hex } from './sha256.ts'
import { call } from './test-arbitraries.ts'

const set = loadDefaultFactorSet()
const records = serialiseFactorSet(set)
/** As a database gives them back: text, in another order. */
const shuffled = (r: SetRecords) => ({ factors: [...r.factors].reverse(), grids: [...r.grids].reverse() })

describe('serialiseFactorSet and factorSetFromRecords', () => {
  test('restore the same set from rows in any order: id, checksum, factors, grids', () => {
    const restored = factorSetFromRecords(JSON.parse(JSON.stringify(shuffled(records))))
    expect(restored.id).toBe(set.id)
    expect(restored.checksum).toBe(set.checksum)
    expect(restored.factors).toEqual(set.factors)
    expect(serialiseFactorSet(restored)).toEqual(records)
  })

  test('restore the same numbers to the last bit, for every factor on several grids', () => {
    const restored = factorSetFromRecords(shuffled(records))
    for (const factor of set.factors)
      for (const gridId of ['US-CAISO', 'FR', 'WORLD']) {
        const [grid, sameGrid] = [set.gridById(gridId), restored.gridById(gridId)]
        const sameFactor = restored.factorById(factor.id)
        if (grid === undefined || sameGrid === undefined || sameFactor === undefined)
          throw new Error(`${factor.id} is lost`)
        expect(compileCoefficients(sameFactor, sameGrid)).toEqual(compileCoefficients(factor, grid))
      }
  })

  test('restore the same answers: a stored match is found again and explained alike', () => {
    const restored = factorSetFromRecords(shuffled(records))
    for (const [provider, model, region] of [
      ['openai', 'gpt-4o', null],
      ['nobody', 'zeppelin', 'atlantis'],
      ['bedrock', 'new-mini', 'us-moon-1'],
    ] as const) {
      const [f, g] = [set.resolveFactor(provider, model), set.resolveGrid(region, provider)]
      const again = restoreMatch(restored, storedMatchOf(f, g))
      if (again === undefined) throw new Error('the match is lost')
      expect(explain(again.factor, again.grid, call(7, 9), restored.sources)).toEqual(
        explain(f, g, call(7, 9), set.sources),
      )
      expect(restored.resolveFactor(provider, model)).toEqual(f)
      expect(restored.resolveGrid(region, provider)).toEqual(g)
    }
  })

  test('carry source, year and licence on every record of a factor or grid', () => {
    for (const r of [...set.factors.map((f) => serialiseFactor(set, f)), ...records.grids]) {
      expect(r.source).not.toBe('')
      expect(r.licence).not.toBe('')
      expect(r.year).toBeGreaterThan(2000)
      expect(r.checksum).toBe(sha256Hex(r.record))
    }
    const ids = records.factors.map((r) => r.id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('refuse rows that are missing, doubled or changed', () => {
    const without = { ...records, factors: records.factors.filter((r) => r.id !== 'model:gpt-4o') }
    expect(() => factorSetFromRecords(without)).toThrow(/checksum is .*: rows are missing or changed/)
    const doubled = { ...records, grids: [...records.grids, ...records.grids.slice(0, 1)] }
    expect(() => factorSetFromRecords(doubled)).toThrow(/id is given twice/)
    const changed = {
      ...records,
      grids: records.grids.map((r) => ({ ...r, record: r.record.replace('"central":208', '"central":209') })),
    }
    expect(() => factorSetFromRecords(changed)).toThrow(/checksum is/)
    const broken = { ...records, grids: [{ id: 'US', record: '{"kind":' }] }
    expect(() => factorSetFromRecords(broken)).toThrow(/record US: must be \{"kind", "value"\}/)
    expect(() => factorSetFromRecords({ factors: [], grids: [] })).toThrow(/record set: must be there once/)
  })

  test('a match of another set is not found', () => {
    const stored = { factorMatch: 'exact', gridMatch: 'exact', region: 'US', regionInferred: false } as const
    expect(restoreMatch(set, { ...stored, factorId: 'openai/gone', gridId: 'US' })).toBeUndefined()
    expect(restoreMatch(set, { ...stored, factorId: 'openai/gpt-4o', gridId: 'GONE' })).toBeUndefined()
  })
})
