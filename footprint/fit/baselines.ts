/** What simpler models would predict for the same rows. Fitted ones are fitted on all rows: that flatters them. */
import { itWh } from './boundary.ts'
import { type EnergyLine, impliedOutPer1k, predictItWh } from './energy-line.ts'
import type { EvidenceRow } from './evidence.ts'
import type { Judgements } from './judgements.ts'
import { type RowResult, type Summary, summarise } from './score.ts'

/** PUE of Azure, to bring figures at the meter to the servers. */
const TYPICAL_PUE = 1.17

const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((s, v) => s + Math.log(v), 0) / values.length)

const exactly = (x: number) => ({ low: x, central: x, high: x })

export interface Baseline {
  readonly name: string
  readonly summary: Summary
}

export function baselines(core: readonly EvidenceRow[], given: Judgements): Baseline[] {
  const publishedIt = (r: EvidenceRow): number => itWh(r, given.k_gpu_to_it.central)
  const evaluate = (name: string, predict: (row: EvidenceRow) => number): Baseline => {
    const results = core.map((row): RowResult => {
      const [published, central] = [publishedIt(row), predict(row)]
      return { id: row.id, published, predicted: exactly(central), ratio: central / published, inside: false }
    })
    return { name, summary: summarise(results) }
  }
  const ofClass = (row: EvidenceRow): number =>
    geometricMean(core.filter((r) => r.class === row.class).map((r) => publishedIt(r)))
  const oneLine: EnergyLine = {
    boundary: 'it',
    base: exactly(0),
    outPer1k: exactly(geometricMean(core.map((r) => impliedOutPer1k(publishedIt(r), r, 0, given)))),
  }
  return [
    evaluate('0.3 Wh a call', () => 0.3 / TYPICAL_PUE),
    evaluate('2.9 Wh a call (the figure of 2023)', () => 2.9 / TYPICAL_PUE),
    evaluate('one figure a call for each class', ofClass),
    evaluate('one figure per token for all models', (row) => predictItWh(oneLine, row, given).central),
  ]
}
