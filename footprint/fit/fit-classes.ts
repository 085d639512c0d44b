/**
 * Output energy of the classes. Central: Huber mean of the logarithms of what each row implies, weights by kind of row,
 * a source's weight growing with the root of its rows. Range: scatter of the models around their class (pooled over the
 * classes), load of the machine and the step from accelerators to servers, added in squares of logarithms.
 * A class without rows lies on the line through the others (logarithm over rank).
 */
import { fitWeight } from './admit.ts'
import { itWh } from './boundary.ts'
import { type EnergyLine, impliedOutPer1k, type Span } from './energy-line.ts'
import { type EvidenceRow, TEXT_CLASSES, type TextClass } from './evidence.ts'
import type { Judgements } from './judgements.ts'
import { huberMean, leastSquares, type Weighted } from './robust.ts'
import type { Utilisation } from './utilisation.ts'

export interface FittedClass {
  readonly line: EnergyLine
  /** Rows that moved it; 0: on the line through the other classes. */
  readonly rows: number
  readonly sources: readonly string[]
}
export interface ClassFit {
  readonly classes: Readonly<Record<TextClass, FittedClass>>
  /** Standard deviation of logarithms of the models of one class. */
  readonly scatter: number
}

/** P5 and P95 of a normal distribution. */
export const Z95 = 1.645
/** Used when the rows are too few to tell: a factor of 1.65 either way, one standard deviation. */
const SCATTER_WHEN_UNKNOWN = 0.5
/** Step of one rank when a single class has rows: classes are about a factor of 3 of parameters apart. */
const STEP_WHEN_UNKNOWN = Math.log(2.5)

interface ClassRow extends Weighted {
  readonly source: string
}

function rowsOf(id: TextClass, core: readonly EvidenceRow[], given: Judgements): ClassRow[] {
  const used = core.filter((r) => r.class === id && fitWeight(r) > 0)
  return used.map((r) => {
    const ofSource = used.filter((other) => other.source === r.source).length
    const implied = impliedOutPer1k(itWh(r, given.k_gpu_to_it.central), r, given.base_wh[id].central, given)
    return { value: Math.log(implied), weight: fitWeight(r) / Math.sqrt(ofSource), source: r.source }
  })
}

const rank = (id: TextClass): number => TEXT_CLASSES.indexOf(id) + 1

/** Logarithm of the class without rows, from those that have some. */
function onLadder(id: TextClass, known: ReadonlyMap<TextClass, number>): number {
  const points = [...known].map(([c, y]) => ({ x: [1, rank(c)], y, weight: 1 }))
  const [only] = points
  if (only === undefined) throw new Error('Fit classes: no class has any evidence')
  if (points.length === 1) return only.y + STEP_WHEN_UNKNOWN * (rank(id) - (only.x[1] ?? 0))
  const [a = 0, b = 0] = leastSquares(points)
  return a + b * rank(id)
}

function pooledScatter(groups: readonly { readonly rows: readonly ClassRow[]; readonly centre: number }[]): number {
  const all = groups.flatMap(({ rows, centre }) => rows.map((r) => ({ off: r.value - centre, weight: r.weight })))
  const free = all.length - groups.length
  if (free < 3) return SCATTER_WHEN_UNKNOWN
  const squares = all.reduce((s, r) => s + r.weight * r.off ** 2, 0) / all.reduce((s, r) => s + r.weight, 0)
  return Math.sqrt((squares * all.length) / free)
}

/** low and high of a central whose errors are a scatter (one standard deviation) and the load of the machine. */
export function spanAround(central: number, scatter: number, load: Utilisation, k: Span | undefined): Span {
  const below = [Z95 * scatter, Math.log(load.fullMachine), k === undefined ? 0 : Math.log(k.central / k.low)]
  const above = [Z95 * scatter, Math.log(load.idleMachine), k === undefined ? 0 : Math.log(k.high / k.central)]
  return { low: central * Math.exp(-Math.hypot(...below)), central, high: central * Math.exp(Math.hypot(...above)) }
}

export function fitClasses(core: readonly EvidenceRow[], given: Judgements, load: Utilisation): ClassFit {
  const groups = TEXT_CLASSES.map((id) => {
    const rows = rowsOf(id, core, given)
    return { id, rows, centre: rows.length === 0 ? Number.NaN : huberMean(rows) }
  })
  const withRows = groups.filter((g) => g.rows.length > 0)
  const known = new Map(withRows.map((g) => [g.id, g.centre]))
  const scatter = pooledScatter(withRows)
  const fitted = groups.map(({ id, rows, centre }): readonly [TextClass, FittedClass] => {
    const central = Math.exp(rows.length > 0 ? centre : onLadder(id, known))
    // An extrapolated class is as uncertain again as a fitted one.
    const scatterHere = rows.length > 0 ? scatter : scatter * Math.SQRT2
    const line: EnergyLine = {
      boundary: 'it',
      base: given.base_wh[id],
      outPer1k: spanAround(central, scatterHere, load, given.k_gpu_to_it),
    }
    return [id, { line, rows: rows.length, sources: [...new Set(rows.map((r) => r.source))].sort() }]
  })
  return { classes: Object.fromEntries(fitted) as Record<TextClass, FittedClass>, scatter }
}
