/**
 * Which row is used for what, by rules that look at what a row is and never at its value. They were written down before
 * the first fit; a row that no rule excludes counts towards the goals, however far off it is.
 */
import type { EvidenceRow } from './evidence.ts'

export type Use = 'core' | 'low-batch' | 'utilisation' | 'image' | 'excluded'
export interface Admission {
  /**
   * core: production-like serving, counts towards the goals; low-batch: modelled with few requests a machine, scored
   * apart; utilisation: measured on an idle or a full machine, tells how wide the ranges are.
   */
  readonly use: Use
  /** The rule that decided, for people. */
  readonly rule: string
}

/** A batch from here on is that of a service with customers; the benchmarks' and EcoLogits' standard is 64. */
const PRODUCTION_CONCURRENCY_MIN = 32
/** Above, the machine is as full as it gets. */
const PRODUCTION_CONCURRENCY_MAX = 128
const OBSOLETE_HARDWARE = new Set(['A100', 'V100'])

const excluded = (rule: string): Admission => ({ use: 'excluded', rule })

function exclusion(row: EvidenceRow): Admission | undefined {
  if (row.superseded_by !== undefined) return excluded('superseded by a newer version of the same work')
  if (row.unit === 'gCO2e/answer') return excluded('no energy is published')
  if (row.boundary === 'partial' || row.boundary === 'lifecycle') return excluded('another boundary')
  if (row.hardware !== undefined && OBSOLETE_HARDWARE.has(row.hardware)) return excluded('obsolete hardware')
  if (row.tokens === 'unknown') return excluded('the length of the answer is not stated')
  return undefined
}

export function admit(row: EvidenceRow): Admission {
  const out = exclusion(row)
  if (out !== undefined) return out
  if (row.class === 'image') return { use: 'image', rule: 'a picture' }
  const { concurrency } = row
  if (concurrency === 'fleet') return { use: 'core', rule: 'production scale' }
  if (concurrency === 1) return excluded('one request at a time')
  if (concurrency < PRODUCTION_CONCURRENCY_MIN)
    return row.method === 'measured'
      ? { use: 'utilisation', rule: 'measured on a machine with little to do' }
      : { use: 'low-batch', rule: `modelled with a batch of ${concurrency}` }
  if (concurrency > PRODUCTION_CONCURRENCY_MAX) return { use: 'utilisation', rule: 'measured on a full machine' }
  return { use: 'core', rule: `concurrency ${concurrency}` }
}

/** Long inputs tell about input tokens; such rows are scored but do not move the coefficient of output tokens. */
const INPUT_OVER_OUTPUT_MAX = 20

/** Weight of a core row in the fit of its class, before its source is balanced; 0: scored only. */
export function fitWeight(row: EvidenceRow): number {
  const [tokensIn, tokensOut] = [row.tokens_in ?? 0, row.tokens_out ?? 0]
  if (tokensIn >= INPUT_OVER_OUTPUT_MAX * tokensOut || row.reasoning_hidden) return 0
  const method = row.method === 'modelled' ? 0.5 : 1
  return row.tokens === 'assumed' ? method * 0.5 : method
}
