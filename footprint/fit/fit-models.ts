/** Models with energy of their own: those that were measured, and those whose size is disclosed. */

import type { DisclosedSize } from './disclosed-size.ts'
import type { EnergyLine } from './energy-line.ts'
import { type EvidenceRow, TEXT_CLASSES, type TextClass } from './evidence.ts'
import { spanAround } from './fit-classes.ts'
import type { Judgements } from './judgements.ts'
import { byKey, mean, measuredRows, taskMeans } from './measured-rows.ts'
import { fitSizeCurve, lineOnCurve, type SizeCurve } from './size-curve.ts'
import type { Utilisation } from './utilisation.ts'

export interface FittedModel {
  readonly model: string
  readonly class: TextClass
  readonly line: EnergyLine
  readonly how: 'measured' | 'size curve' | 'same architecture'
  readonly sources: readonly string[]
  /** What the figure rests on, for the record. */
  readonly basis: string
}

const isTextClass = (id: string): id is TextClass => TEXT_CLASSES.some((c) => c === id)

/** Pooled standard deviation of one model's rows: tasks, machines, precisions. */
function scatterWithinModels(groups: Iterable<readonly EvidenceRow[]>): number {
  let squares = 0
  let free = 0
  for (const rows of groups) {
    const logs = rows.map((r) => Math.log(r.value))
    const centre = mean(logs)
    squares += logs.reduce((s, x) => s + (x - centre) ** 2, 0)
    free += logs.length - 1
  }
  return free === 0 ? 0 : Math.sqrt(squares / free)
}

function measuredModels(core: readonly EvidenceRow[], given: Judgements, load: Utilisation): FittedModel[] {
  const groups = byKey(measuredRows(core), (r) => r.model)
  const scatter = scatterWithinModels(groups.values())
  return [...groups].flatMap(([model, rows]): FittedModel[] => {
    const [first] = rows
    if (first === undefined || !isTextClass(first.class)) return []
    const central = Math.exp(mean(taskMeans(rows)))
    return [
      {
        model,
        class: first.class,
        line: {
          boundary: 'gpu',
          base: given.base_wh[first.class],
          outPer1k: spanAround(central, scatter, load, undefined),
        },
        how: 'measured',
        sources: [...new Set(rows.map((r) => r.source))].sort(),
        basis: rows.map((r) => `${r.task} on ${r.gpus} ${r.hardware}, ${r.precision}: ${r.value} J/token`).join('; '),
      },
    ]
  })
}

/** In ascending order of model. `sizes` are those of models without a measurement of their own. */
export function fitModels(
  core: readonly EvidenceRow[],
  sizes: readonly DisclosedSize[],
  given: Judgements,
  load: Utilisation,
): FittedModel[] {
  const measured = measuredModels(core, given, load)
  const twins = given.same_architecture.flatMap(({ model, as }): FittedModel[] => {
    const twin = measured.find((m) => m.model === as)
    return twin === undefined ? [] : [{ ...twin, model, how: 'same architecture', basis: `as ${as}: ${twin.basis}` }]
  })
  const known = new Set([...measured, ...twins].map((m) => m.model))
  const curve = fitSizeCurve(core)
  const sized =
    curve === undefined ? [] : sizes.filter((s) => !known.has(s.model)).map((s) => sizedModel(s, curve, given, load))
  return [...measured, ...twins, ...sized].sort((a, b) => (a.model < b.model ? -1 : 1))
}

function sizedModel(size: DisclosedSize, curve: SizeCurve, given: Judgements, load: Utilisation): FittedModel {
  const { totalB, activeB } = size
  return {
    model: size.model,
    class: size.class,
    line: lineOnCurve(curve, size, given, load),
    how: 'size curve',
    sources: [...new Set([...size.sources, 'mlenergy-2025'])].sort(),
    basis: `size curve of ${curve.models} measured models at ${totalB} billion parameters, ${activeB} active`,
  }
}
