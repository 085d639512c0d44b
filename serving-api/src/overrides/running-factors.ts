/** The factors that new events are computed with, as the loader has them at this moment. */
import type { DefinedFactorSet, FactorSet } from '@ecomind/footprint'

export interface RunningFactors {
  /** The set under all overrides. */
  readonly base: DefinedFactorSet
  /** The set of new events of this organisation: the base, or the base with its overrides. */
  setOf(orgId: string): FactorSet
  /** Takes up what the control store holds; resolves when batches that begin from now on use it. */
  refresh(): Promise<void>
}
