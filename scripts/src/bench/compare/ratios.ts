/** The arithmetic of a comparison: figures of two revisions, measured in turns, become ratios. */
import { lessIsBetter } from '../report.ts'
import { median, round } from '../statistics.ts'

export interface Measured {
  readonly figure: string
  readonly value: number
  readonly unit: string
}

export interface Ratio {
  readonly figure: string
  readonly unit: string
  /** Medians over the turns. */
  readonly base: number
  readonly here: number
  /** Median over the turns of here / base: both of one turn met the same machine. */
  readonly ratio: number
  /** Lowest and highest ratio of one turn. */
  readonly spread: readonly [number, number]
  /** `unclear`: turns disagree, or they are too few to say. */
  readonly verdict: 'better' | 'worse' | 'unclear'
}

export interface Turn {
  readonly base: readonly Measured[]
  readonly here: readonly Measured[]
}

/** A turn within this of 1 speaks for nothing. */
const SAME = 0.03
const TURNS_MIN = 3

/** In the order in which figures came; one that is missing on a side in every turn is left out. */
export function ratiosOf(turns: readonly Turn[]): Ratio[] {
  const names = [...new Set(turns.flatMap((t) => t.here.map((m) => m.figure)))]
  return names.flatMap((name) => {
    const pairs = turns.flatMap((turn) => {
      const base = turn.base.find((m) => m.figure === name)
      const here = turn.here.find((m) => m.figure === name)
      return base === undefined || here === undefined ? [] : [{ base, here, ratio: here.value / base.value }]
    })
    const unit = pairs[0]?.here.unit
    if (unit === undefined) return []
    const each = pairs.map((p) => p.ratio)
    const ratio = median(each)
    return [
      {
        figure: name,
        unit,
        base: round(median(pairs.map((p) => p.base.value))),
        here: round(median(pairs.map((p) => p.here.value))),
        ratio: round(ratio),
        spread: [round(Math.min(...each)), round(Math.max(...each))] as const,
        verdict: verdictOf(each, lessIsBetter(unit)),
      },
    ]
  })
}

/** Only when every turn points the same way. */
function verdictOf(ratios: readonly number[], less: boolean): Ratio['verdict'] {
  if (ratios.length < TURNS_MIN) return 'unclear'
  if (ratios.every((ratio) => ratio > 1 + SAME)) return less ? 'worse' : 'better'
  if (ratios.every((ratio) => ratio < 1 - SAME)) return less ? 'better' : 'worse'
  return 'unclear'
}

/** Figures that only one side gave, by name. */
export function onlyOn(side: 'base' | 'here', turns: readonly Turn[]): string[] {
  const names = (s: 'base' | 'here') => new Set(turns.flatMap((t) => t[s].map((m) => m.figure)))
  const other = names(side === 'base' ? 'here' : 'base')
  return [...names(side)].filter((name) => !other.has(name))
}

export function table(ratios: readonly Ratio[]): string {
  const rows = [
    ['figure', 'unit', 'base', 'here', 'ratio', 'spread', ''],
    ...ratios.map((r) => [
      r.figure,
      r.unit,
      String(r.base),
      String(r.here),
      r.ratio.toFixed(3),
      `${r.spread[0].toFixed(2)}-${r.spread[1].toFixed(2)}`,
      r.verdict,
    ]),
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows
    .map((row) =>
      row
        .map((cell, c) => cell.padEnd(widths[c] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
