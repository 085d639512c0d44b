/**
 * The benchmarks by name; each yields its figures as they are measured. A benchmark is loaded when it runs, so that
 * `--compare` works on an older product that lacks what another benchmark needs.
 */
import type { BenchOptions } from './options.ts'
import type { Figure } from './report.ts'

type Benchmark = (options: BenchOptions) => AsyncGenerator<Figure>

export const SUITE: Readonly<Record<string, () => Promise<Benchmark>>> = {
  edge: async () => (await import('./edge.ts')).benchEdge,
  keys: async () => (await import('./keys.ts')).benchKeys,
  log: async () => (await import('./log.ts')).benchLog,
  'loader-steps': async () => (await import('./loader-steps.ts')).benchLoaderSteps,
  'whole-path': async () => (await import('./whole-path.ts')).benchWholePath,
  'whole-path-kills': async () => (await import('./whole-path.ts')).benchWholePathKills,
  freshness: async () => (await import('./freshness.ts')).benchFreshness,
  recovery: async () => (await import('./recovery.ts')).benchRecovery,
  memory: async () => (await import('./memory.ts')).benchMemory,
  disk: async () => (await import('./disk.ts')).benchDisk,
  queries: async () => (await import('./queries.ts')).benchQueries,
  whatif: async () => (await import('./whatif.ts')).benchWhatif,
  recomputation: async () => (await import('./recomputation.ts')).benchRecomputation,
  clone: async () => (await import('./clone.ts')).benchClone,
  kafka: async () => (await import('./kafka.ts')).benchKafka,
  scale: async () => (await import('./scale.ts')).benchScale,
}
