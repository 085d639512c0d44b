/** The match that an event was stored with, found again in the set it was computed with. */
import type { FactorMatch, FactorSet, GridMatch } from './factor.ts'
import type { FactorMatchKind, GridMatchKind } from './footprint.ts'
import { factorFlags } from './resolve-factor.ts'
import { gridFlags } from './resolve-grid.ts'

export interface StoredMatch {
  readonly factorId: string
  readonly factorMatch: FactorMatchKind
  readonly gridId: string
  readonly gridMatch: GridMatchKind
  readonly region: string
  readonly regionInferred: boolean
}

/** What to store of a match, so that it can be found again. */
export const storedMatchOf = (factor: FactorMatch, grid: GridMatch): StoredMatch => ({
  factorId: factor.factor.id,
  factorMatch: factor.kind,
  gridId: grid.grid.id,
  gridMatch: grid.kind,
  region: grid.region,
  regionInferred: grid.inferred,
})

/** Undefined when the set does not know the ids: it is another set than the event's. */
export function restoreMatch(
  set: FactorSet,
  stored: StoredMatch,
): { readonly factor: FactorMatch; readonly grid: GridMatch } | undefined {
  const factor = set.factorById(stored.factorId)
  const grid = set.gridById(stored.gridId)
  if (factor === undefined || grid === undefined) return undefined
  const { factorMatch, gridMatch, region, regionInferred } = stored
  return {
    factor: { factor, kind: factorMatch, flags: factorFlags(factor, factorMatch) },
    grid: {
      grid,
      kind: gridMatch,
      region,
      inferred: regionInferred,
      flags: gridFlags(grid, gridMatch, regionInferred),
    },
  }
}
