/** The fit as classes_fitted.yaml: classes of text, embedding and image models, and the unknown model. */
import { type EnergyLine, product } from './energy-line.ts'
import type { EvidenceRow } from './evidence.ts'
import type { Fit } from './fit.ts'
import { imageSpan } from './image-span.ts'
import type { Cited, Judgements } from './judgements.ts'
import { type EnergyFields, energyLines, fieldsOf, head, quantity, unique, ZERO } from './yaml-lines.ts'

const classSources = (own: readonly string[]): string[] =>
  own.length === 0 ? ['ecomind-2026', 'mlenergy-2025'] : [...own]

function classLines(fit: Fit, given: Judgements): string[] {
  return given.classes.flatMap((c) => {
    const { line, rows, sources } = fit.classes.classes[c.id]
    const note =
      rows === 0
        ? 'no evidence of its own: on the line through the other classes'
        : `fitted on ${rows} rows of evidence`
    return [
      `  - id: ${c.id}`,
      `    name: ${c.name}`,
      `    rank: ${c.rank}`,
      ...(c.params_b_max === undefined ? [] : [`    params_b_max: ${c.params_b_max}`]),
      `    words: [${c.words.join(', ')}]`,
      '    energy:',
      ...energyLines('      ', fieldsOf(line, given.base_wh[c.id], classSources(sources), given)),
      `    note: "${note}"`,
    ]
  })
}

function embeddingLines(fit: Fit, given: Judgements): string[] {
  return given.embeddings.flatMap((e) => {
    const { line, sources } = fit.classes.classes[e.like]
    const fields = fieldsOf(line, given.base_wh[e.like], unique([...classSources(sources), 'ecomind-2026']), given)
    return [
      `  - id: ${e.id}`,
      `    name: ${e.name}`,
      '    purpose: embedding',
      `    words: [${e.words.join(', ')}]`,
      '    energy:',
      ...energyLines('      ', { ...fields, cacheRead: fields.input, out: ZERO, squared: ZERO }),
      `    note: "input side of the class ${e.like}; no output tokens, short inputs"`,
    ]
  })
}

function imageLines(rows: readonly EvidenceRow[], given: Judgements): string[] {
  const free: EnergyFields = {
    boundary: 'it',
    base: quantity(imageSpan(rows, given.k_gpu_to_it), ['mlenergy-2025']),
    input: ZERO,
    cacheRead: ZERO,
    out: ZERO,
    squared: ZERO,
  }
  return given.images.flatMap((image) => [
    `  - id: ${image.id}`,
    `    name: ${image.name}`,
    '    purpose: image',
    `    words: [${image.words.join(', ')}]`,
    '    energy:',
    ...energyLines('      ', free),
    '    note: "one picture of about a megapixel a call, three open models; tokens of the prompt are not counted"',
  ])
}

/** From a small model's low to a large one's high; the central is the geometric middle of medium and large. */
export function unknownLine(fit: Fit, given: Judgements): EnergyLine {
  const { small, medium, large } = fit.classes.classes
  const middle = (a: number, b: number): number => Math.sqrt(a * b)
  const [from, to] = [small.line.outPer1k, large.line.outPer1k]
  return {
    boundary: 'it',
    base: {
      low: given.base_wh.small.low,
      central: given.base_wh.medium.central,
      high: given.base_wh.large.high,
    },
    outPer1k: {
      low: from.low,
      central: middle(medium.line.outPer1k.central, to.central),
      high: to.high,
    },
  }
}

/** Ends of the inputs are those of small and large: the ratio must not widen what already spans three classes. */
function unknownLines(fit: Fit, given: Judgements): string[] {
  const { small, large } = fit.classes.classes
  const line = unknownLine(fit, given)
  const sources = ['ecomind-2026', 'mlenergy-2025', 'oviedo-2026']
  const spanned = (ratio: Cited): string =>
    quantity(
      {
        low: product(small.line.outPer1k, ratio).low,
        central: line.outPer1k.central * ratio.central,
        high: product(large.line.outPer1k, ratio).high,
      },
      [...sources, ...ratio.sources],
    )
  return [
    'unknown_model:',
    ...energyLines('  ', {
      boundary: 'it',
      base: quantity(line.base, given.base_wh.large.sources),
      input: spanned(given.input_ratio),
      cacheRead: spanned(given.cache_read_ratio),
      out: quantity(line.outPer1k, sources),
      squared: spanned(given.squared_ratio),
    }),
  ]
}

export function renderClasses(fit: Fit, rows: readonly EvidenceRow[], given: Judgements): string {
  return [
    ...head('Energy of the classes: Wh per 1,000 tokens of the servers (boundary it).'),
    'classes:',
    ...classLines(fit, given),
    ...embeddingLines(fit, given),
    ...imageLines(rows, given),
    '',
    '# A model of which nothing is known: from the low of the small class to the high of the large one.',
    ...unknownLines(fit, given),
    '',
  ].join('\n')
}
