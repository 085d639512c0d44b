/** The fit as models_fitted.yaml: energy of single models, measured or from the size. */
import type { Fit } from './fit.ts'
import type { FittedModel } from './fit-models.ts'
import type { Judgements } from './judgements.ts'
import { energyLines, fieldsOf, head } from './yaml-lines.ts'

const TIER_OF = { measured: 'B', 'same architecture': 'B', 'size curve': 'C' } as const

function modelLines(m: FittedModel, given: Judgements): string[] {
  return [
    `  - model: ${m.model}`,
    `    tier: ${TIER_OF[m.how]}`,
    '    energy:',
    ...energyLines('      ', fieldsOf(m.line, given.base_wh[m.class], m.sources, given)),
    '    evidence:',
    `      method: ${m.how === 'size curve' ? 'modelled' : 'measured'}`,
    `      sources: [${m.sources.join(', ')}]`,
    `      note: "${m.basis}"`,
  ]
}

export const renderModels = (fit: Fit, given: Judgements): string =>
  [
    ...head(
      'Energy of single models: Wh per 1,000 tokens of the accelerators (boundary gpu), measured or from the size.',
    ),
    'model_energies:',
    ...fit.models.flatMap((m) => modelLines(m, given)),
    '',
  ].join('\n')
