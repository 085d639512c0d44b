/** Every way to write a region leads to its grid, and what is not it is flagged. */
import { describe, expect, test } from 'vitest'
import { loadDefaultFactorSet } from './node.ts'

const set = loadDefaultFactorSet()

describe('resolveGrid', () => {
  test.each([
    ['US-CAISO', 'US-CAISO', 'exact'],
    ['us-caiso', 'US-CAISO', 'exact'],
    ['US-CAL-CISO', 'US-CAISO', 'alias'],
    ['CAISO_NORTH', 'US-CAISO', 'alias'],
    ['CAMX', 'US-CAISO', 'alias'],
    ['us-west-1', 'aws:us-west-1', 'alias'],
    ['aws:us-east-1', 'aws:us-east-1', 'exact'],
    ['us-east-1a', 'aws:us-east-1', 'alias'],
    ['us-central1-a', 'gcp:us-central1', 'alias'],
    ['East US', 'azure:eastus', 'alias'],
    ['westeurope', 'azure:westeurope', 'alias'],
    ['europe-west1', 'gcp:europe-west1', 'alias'],
    ['DEU', 'DE', 'alias'],
    ['germany', 'DE', 'alias'],
    ['UK', 'GB', 'alias'],
    ['NO', 'NO', 'exact'],
    ['SE-SE3', 'SE', 'alias'],
    ['SE-SE4', 'SE', 'parent'],
    ['US-SW-NEW', 'US', 'parent'],
    ['us-moon-7', 'US', 'parent'],
    ['eu-west-9', 'EU', 'parent'],
    ['sa-east-9', 'WORLD', 'world'],
    ['ap-east-9', 'WORLD', 'world'],
    ['atlantis', 'WORLD', 'world'],
    ['global', 'WORLD', 'world'],
    ['constructor', 'WORLD', 'world'],
  ])('finds %s as %s (%s)', (region, id, kind) => {
    const match = set.resolveGrid(region, 'openai')
    expect([match.grid.id, match.kind, match.inferred]).toEqual([id, kind, false])
    expect(match.region).toBe(region)
  })

  test.each([
    ['openai', 'US', 'inferred'],
    ['deepseek', 'CN', 'inferred'],
    ['mistral', 'SE', 'inferred'],
    ['nobody', 'WORLD', 'world'],
  ])('infers the default region of %s and says so', (provider, id, kind) => {
    for (const absent of [null, '', ' ']) {
      const match = set.resolveGrid(absent, provider)
      expect([match.grid.id, match.kind, match.inferred, match.region]).toEqual([id, kind, true, id])
      expect(match.flags.map((f) => f.code)).toContain('region_inferred')
    }
  })

  test('flags what is not the region asked for', () => {
    const codes = (region: string) => set.resolveGrid(region, 'openai').flags.map((f) => f.code)
    expect(codes('US-CAISO')).toEqual([])
    expect(codes('us-moon-7')).toEqual(['region_parent'])
    expect(codes('atlantis')).toEqual(['region_unknown'])
  })

  test('the world spans nearly every grid', () => {
    const world = set.gridById('WORLD')?.g_per_kwh
    const inside = set.grids.filter(
      (g) => g.g_per_kwh.central >= (world?.low ?? 0) && g.g_per_kwh.central <= (world?.high ?? 0),
    )
    expect(inside.length / set.grids.length).toBeGreaterThan(0.95)
  })
})
