/** The whole fit as a function of the evidence, so that it can be done again without a row or a source. */
import { admit } from './admit.ts'
import type { DisclosedSize } from './disclosed-size.ts'
import type { EnergyLine } from './energy-line.ts'
import { type EvidenceRow, TEXT_CLASSES } from './evidence.ts'
import { type ClassFit, fitClasses } from './fit-classes.ts'
import { type FittedModel, fitModels } from './fit-models.ts'
import type { Judgements } from './judgements.ts'
import { fitSizeCurve, lineOnCurve, type SizeCurve } from './size-curve.ts'
import { type Utilisation, utilisationOf } from './utilisation.ts'

export interface Fit {
  readonly classes: ClassFit
  readonly models: readonly FittedModel[]
  readonly curve: SizeCurve | undefined
  readonly load: Utilisation
}

/**
 * `sizes` are those of models of the set, for which the curve is evaluated. `load` is that of all rows when the fit is
 * done again without some: a range is no prediction of a value.
 */
export function fitAll(
  rows: readonly EvidenceRow[],
  given: Judgements,
  sizes: readonly DisclosedSize[] = [],
  load: Utilisation = utilisationOf(rows),
): Fit {
  const core = rows.filter((r) => admit(r).use === 'core')
  return {
    classes: fitClasses(core, given, load),
    models: fitModels(core, sizes, given, load),
    curve: fitSizeCurve(core),
    load,
  }
}

/** The line that the set uses for the row: that of its model, else from its size if disclosed, else that of its class. */
export function lineFor(fit: Fit, row: EvidenceRow, given: Judgements): EnergyLine {
  const own = fit.models.find((m) => m.model === row.model)
  if (own !== undefined) return own.line
  const id = TEXT_CLASSES.find((c) => c === row.class)
  if (id === undefined) throw new RangeError(`Predict ${row.id}: class ${row.class} has no token energy`)
  const { params_total_b: totalB, params_active_b: activeB } = row
  if (fit.curve !== undefined && totalB !== undefined && activeB !== undefined)
    return lineOnCurve(fit.curve, { class: id, totalB, activeB }, given, fit.load)
  return fit.classes.classes[id].line
}
