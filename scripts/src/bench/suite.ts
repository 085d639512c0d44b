/** The benchmarks by name; each yields its figures as they are measured. */
import { benchClone } from './clone.ts'
import { benchDisk } from './disk.ts'
import { benchEdge } from './edge.ts'
import { benchEnrichment } from './enrichment.ts'
import { benchFreshness } from './freshness.ts'
import { benchLoaderSteps } from './loader-steps.ts'
import { benchLog } from './log.ts'
import { benchMemory } from './memory.ts'
import type { BenchOptions } from './options.ts'
import { benchQueries } from './queries.ts'
import { benchRecomputation } from './recomputation.ts'
import { benchRecovery } from './recovery.ts'
import type { Figure } from './report.ts'
import { benchScale } from './scale.ts'
import { benchWhatif } from './whatif.ts'
import { benchWholePath, benchWholePathKills } from './whole-path.ts'

export const SUITE: Readonly<Record<string, (options: BenchOptions) => AsyncGenerator<Figure>>> = {
  edge: benchEdge,
  log: benchLog,
  'loader-steps': benchLoaderSteps,
  enrichment: (o) => benchEnrichment(o.events),
  'whole-path': benchWholePath,
  'whole-path-kills': benchWholePathKills,
  freshness: benchFreshness,
  recovery: benchRecovery,
  memory: benchMemory,
  disk: benchDisk,
  queries: benchQueries,
  whatif: (o) => benchWhatif(o.whatifEvents),
  recomputation: (o) => benchRecomputation(o.recomputationEvents),
  clone: benchClone,
  scale: benchScale,
}
