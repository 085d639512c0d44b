/**
 * A stored set of method 1, as released: golden/method-1-set.json holds the records and numbers that the code of method 1
 * wrote (2026-11-23). It must restore and compute for ever; never write the file anew.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compileCoefficients, computeFootprint, toUnits } from './compute.ts'
import { explain } from './explain.ts'
import type { Activity, FootprintUnits } from './footprint.ts'
import { recompute } from './recompute.ts'
import { factorSetFromRecords, serialiseFactor, serialiseFactorSet } from './records.ts'

interface Golden {
  readonly factorSet: string
  readonly checksum: string
  readonly factors: readonly { readonly id: string; readonly record: string }[]
  readonly grids: readonly { readonly id: string; readonly record: string }[]
  readonly call: Activity
  readonly numbers: readonly { readonly factor: string; readonly grid: string; readonly units: FootprintUnits }[]
}

const golden: Golden = JSON.parse(readFileSync(new URL('./golden/method-1-set.json', import.meta.url), 'utf8'))
const set = factorSetFromRecords(golden)

test('a set of method 1 restores with its checksum and writes the same records', () => {
  expect([set.id, set.methodVersion, set.checksum]).toEqual([golden.factorSet, '1', golden.checksum])
  const records = serialiseFactorSet(set)
  const rows = [...records.factors, ...records.grids].map(({ id, record }) => ({ id, record }))
  // Every factor that a method-1 set could apply was written out beside its parts.
  const writtenOut = (record: { readonly record: string }) => JSON.parse(record.record).kind === 'factor'
  const [derived, parts] = [golden.factors.filter(writtenOut), golden.factors.filter((r) => !writtenOut(r))]
  expect(rows).toEqual([...parts, ...golden.grids])
  expect(set.factors.map((f) => serialiseFactor(set, f)).map(({ id, record }) => ({ id, record }))).toEqual(derived)
})

test('it computes and explains the numbers of method 1 to the last digit, whoever counted the tokens', () => {
  expect(golden.numbers.length).toBeGreaterThan(10)
  for (const { factor: factorId, grid: gridId, units } of golden.numbers)
    for (const tokensOutReasoningHidden of [0, golden.call.tokensOut]) {
      const [factor, grid] = [set.factorById(factorId), set.gridById(gridId)]
      if (factor === undefined || grid === undefined) throw new Error(`${factorId} on ${gridId} is lost`)
      const activity = { ...golden.call, tokensOutReasoningHidden }
      expect(toUnits(computeFootprint(compileCoefficients(factor, grid), activity))).toEqual(units)
      const match = { factor, kind: 'exact', flags: [] } as const
      const on = { grid, kind: 'exact', region: gridId, inferred: false, flags: [] } as const
      const explained = explain(match, on, activity, set.sources)
      expect(recompute(explained.steps)).toEqual(units)
      expect(explained.flags).toEqual([])
    }
})

test('it has no tiers: a batch call is computed as any other', () => {
  expect(set.resolveFactor('openai', 'gpt-4o', 'batch').factor.id).toBe('openai/gpt-4o')
  expect(set.factorById('openai/gpt-4o+batch')).toBeUndefined()
})
