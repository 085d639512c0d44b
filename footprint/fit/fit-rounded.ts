/** The fit as it is shipped: three significant digits, so that the report is about the numbers of the files. */
import type { DisclosedSize } from './disclosed-size.ts'
import type { EnergyLine } from './energy-line.ts'
import { type EvidenceRow, TEXT_CLASSES } from './evidence.ts'
import { type Fit, fitAll } from './fit.ts'
import type { FittedClass } from './fit-classes.ts'
import type { Judgements } from './judgements.ts'
import { roundedSpan } from './yaml-lines.ts'

const roundedLine = (line: EnergyLine): EnergyLine => ({ ...line, outPer1k: roundedSpan(line.outPer1k) })

export function fitRounded(rows: readonly EvidenceRow[], given: Judgements, sizes: readonly DisclosedSize[]): Fit {
  const fit = fitAll(rows, given, sizes)
  const classes = TEXT_CLASSES.map((id): readonly [string, FittedClass] => {
    const fitted = fit.classes.classes[id]
    return [id, { ...fitted, line: roundedLine(fitted.line) }]
  })
  return {
    ...fit,
    classes: { ...fit.classes, classes: Object.fromEntries(classes) as Fit['classes']['classes'] },
    models: fit.models.map((m) => ({ ...m, line: roundedLine(m.line) })),
  }
}
