/** The worked examples of EcoLogits beside our numbers, as a table for docs/methodology.md. */
import { compileCoefficients, computeFootprint } from '../compute.ts'
import type { FactorSet } from '../factor.ts'
import type { Footprint, Range } from '../footprint.ts'
import { type Ends, ecologitsImpact } from './ecologits.ts'
import { OUTPUT_TOKENS, REFERENCE_CASES, type ReferenceCase } from './ecologits-cases.ts'

const significant = (value: number): string => Number(value.toPrecision(2)).toString()
const endsText = ({ min, max }: Ends): string =>
  significant(min) === significant(max) ? significant(min) : `${significant(min)} - ${significant(max)}`
const rangeText = ({ low, central, high }: Range, scale: number): string =>
  `${significant(central * scale)} (${significant(low * scale)} - ${significant(high * scale)})`

export function oursOf(set: FactorSet, { provider, model, region }: ReferenceCase, tokensIn = 0): Footprint {
  const { factor } = set.resolveFactor(provider, model)
  const { grid } = set.resolveGrid(region, provider)
  return computeFootprint(compileCoefficients(factor, grid), {
    calls: 1,
    tokensIn,
    tokensInSquared: tokensIn * tokensIn,
    tokensCacheRead: 0,
    tokensCacheWrite: 0,
    tokensOut: OUTPUT_TOKENS,
    tokensReasoningSeparate: 0,
    tokensOutReasoningHidden: 0,
  })
}

/** Markdown. Wh at the meter, g CO2e with hardware, mL on-site and off-site; ours is central (low - high). */
export function ecologitsTable(set: FactorSet): string {
  const rows = REFERENCE_CASES.map((c) => {
    const theirs = ecologitsImpact(c.assumed, c.site, OUTPUT_TOKENS)
    const ours = oursOf(set, c)
    const total = { min: theirs.useG.min + theirs.embodiedG, max: theirs.useG.max + theirs.embodiedG }
    const cells = [
      c.name,
      endsText(theirs.facilityWh),
      rangeText(ours.kwh, 1000),
      endsText(total),
      rangeText(ours.co2Kg, 1000),
      endsText(theirs.waterMl),
      rangeText(ours.waterL, 1000),
    ]
    return `| ${cells.join(' | ')} |`
  })
  return [
    `| ${OUTPUT_TOKENS} output tokens | EcoLogits Wh | ours Wh | EcoLogits g | ours g | EcoLogits mL | ours mL |`,
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}
