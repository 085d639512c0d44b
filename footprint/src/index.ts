/**
 * What AI calls cost in energy, water and CO2e. Pure: no I/O, no clock, runs in a browser.
 * The factor set that ships with the product is read by `@ecomind/footprint/node`.
 */

export {
  activityOfCall,
  type CallCounts,
  isCountedFromText,
  noActivity,
  type WritableActivity,
  writeActivity,
  writeCounts,
} from './activity-of-call.ts'
export { addActivities, addRanges } from './add-up.ts'
export { buildFactorSet, type DefinedFactorSet } from './build-factor-set.ts'
export { CORRELATION_IN_CLASS, combineRanges, type RangeGroup } from './combine-ranges.ts'
export {
  COMPARED,
  type ComparedRanges,
  type Comparison,
  compareRanges,
  type Move,
  type Work,
} from './compare-ranges.ts'
export {
  type ActivityTerms,
  activityTerms,
  compileCoefficients,
  computeFootprint,
  computeQuantity,
  toUnits,
} from './compute.ts'
export { computeUnitsInto, packCoefficients, UNIT_NAMES, unitsFrom } from './compute-units.ts'
export {
  type CallEnergy,
  type Definition,
  type Grid,
  type Market,
  type Quantity,
  type Reasoning,
  SERVICE_TIERS,
  type ServiceTier,
  type Source,
  type TokenEnergy,
} from './definition.ts'
export {
  countEquivalents,
  EQUIVALENT_QUANTITIES,
  type Equivalent,
  type EquivalentCount,
  type EquivalentQuantity,
  parseEquivalents,
} from './equivalents.ts'
export { OTHER_PROVIDER } from './expand-factors.ts'
export { type Explanation, explain } from './explain.ts'
export {
  type ExplainedGroup,
  explainTotal,
  recomputeTotal,
  type StoredSums,
  type TotalExplanation,
  type TotalGroup,
} from './explain-total.ts'
export type { Factor, FactorMatch, FactorSet, GridMatch } from './factor.ts'
export { FLAGS, type FlagCode } from './flags.ts'
export * from './footprint.ts'
export { evaluateFormula } from './formula.ts'
export { compileMarketCo2Use, type MarketBasis, type MarketFigure, marketFigure } from './market.ts'
export { type FactorOverride, factorOverride } from './override.ts'
export { overrideFactor } from './override-factor.ts'
export {
  baseSetId,
  isSnapshotId,
  type OverrideSnapshot,
  overrideSnapshot,
  overridesFromRecords,
  serialiseOverrides,
  serialiseSnapshot,
  snapshotFromRecords,
} from './override-records.ts'
export { applyOverrides, type CallNames, isOverridden, type OverriddenSet, resolveCall } from './overrides.ts'
export { type FactorFileText, FactorSetError, parseFactorSet } from './parse-factor-set.ts'
export { recompute, resultsOf } from './recompute.ts'
export {
  factorSetFromRecords,
  type SetRecords,
  type StoredRecord,
  serialiseFactor,
  serialiseFactorSet,
  serialiseGrid,
} from './records.ts'
export { ResolutionCache } from './resolution-cache.ts'
export { WORLD } from './resolve-grid.ts'
export { restoreMatch, type StoredMatch, storedMatchOf } from './restore-match.ts'
export { serviceTierOf } from './service-tier.ts'
