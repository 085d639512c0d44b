/** Energy of an open model from its size: the curve through the measured ones. */
import type { EnergyLine } from './energy-line.ts'
import type { EvidenceRow, TextClass } from './evidence.ts'
import { spanAround } from './fit-classes.ts'
import type { Judgements } from './judgements.ts'
import { byKey, mean, measuredRows, taskMeans } from './measured-rows.ts'
import { leastSquares } from './robust.ts'
import type { Utilisation } from './utilisation.ts'

/** Logarithm of Wh of the accelerators per 1,000 output tokens = a + total ln(total) + active ln(active), in billions. */
export interface SizeCurve {
  readonly a: number
  readonly total: number
  readonly active: number
  /** By how much a model is off that the curve has not seen: root mean square of logarithms, each model left out once. */
  readonly scatter: number
  readonly models: number
}

interface Point {
  readonly x: readonly number[]
  readonly y: number
  readonly weight: number
}

const SIZES_MIN = 5

const at = ([a = 0, total = 0, active = 0]: readonly number[], x: readonly number[]): number =>
  a + total * (x[1] ?? 0) + active * (x[2] ?? 0)

/** By name: models that the set does not list inform the curve too. Undefined for too few sizes. */
export function fitSizeCurve(core: readonly EvidenceRow[]): SizeCurve | undefined {
  const sized = measuredRows(core).filter((r) => r.params_total_b !== undefined && r.params_active_b !== undefined)
  const points = [...byKey(sized, (r) => r.model ?? r.name).values()].map((rows): Point => {
    const [total = 1, active = 1] = [rows[0]?.params_total_b, rows[0]?.params_active_b]
    return { x: [1, Math.log(total), Math.log(active)], y: mean(taskMeans(rows)), weight: 1 }
  })
  if (new Set(points.map((p) => p.x.join())).size < SIZES_MIN) return undefined
  const [a = 0, total = 0, active = 0] = leastSquares(points)
  const off = points.map((p) => p.y - at(leastSquares(points.filter((other) => other !== p)), p.x))
  return { a, total, active, scatter: Math.sqrt(mean(off.map((x) => x * x))), models: points.length }
}

/** Wh of the accelerators per 1,000 output tokens. */
export const onSizeCurve = (curve: SizeCurve, totalB: number, activeB: number): number =>
  Math.exp(at([curve.a, curve.total, curve.active], [1, Math.log(totalB), Math.log(activeB)]))

export function lineOnCurve(
  curve: SizeCurve,
  size: { readonly class: TextClass; readonly totalB: number; readonly activeB: number },
  given: Judgements,
  load: Utilisation,
): EnergyLine {
  return {
    boundary: 'gpu',
    base: given.base_wh[size.class],
    outPer1k: spanAround(onSizeCurve(curve, size.totalB, size.activeB), curve.scatter, load, undefined),
  }
}
