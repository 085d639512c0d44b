/** How much the load of a machine changes the energy of a token, from models that were measured at several loads. */
import type { EvidenceRow } from './evidence.ts'
import { median } from './robust.ts'

export interface Utilisation {
  /** Energy at the standard load (64) over that of a full machine; the median of the models. */
  readonly fullMachine: number
  /** Energy of a machine with 8 requests over that at the standard load. */
  readonly idleMachine: number
  /** Models behind each. */
  readonly fullCount: number
  readonly idleCount: number
}

/** The same weights on the same machine at the same task. */
const setting = (r: EvidenceRow): string => [r.name, r.task, r.hardware, r.gpus, r.precision].join(' ')

/** Rows of other units or without a standard row of the same setting are passed over. */
export function utilisationOf(rows: readonly EvidenceRow[]): Utilisation {
  const measured = rows.filter((r) => r.unit === 'J/token' && typeof r.concurrency === 'number')
  const standard = new Map(measured.filter((r) => r.concurrency === 64).map((r) => [setting(r), r.value]))
  const ratios = (wanted: (concurrency: number) => boolean): number[] =>
    measured.flatMap((r) => {
      const at64 = standard.get(setting(r))
      if (at64 === undefined || typeof r.concurrency !== 'number' || !wanted(r.concurrency)) return []
      return [Math.abs(Math.log(r.value / at64))]
    })
  const [full, idle] = [ratios((c) => c > 64), ratios((c) => c < 64)]
  return {
    fullMachine: Math.exp(median(full)),
    idleMachine: Math.exp(median(idle)),
    fullCount: full.length,
    idleCount: idle.length,
  }
}
