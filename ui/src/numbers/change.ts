/** The change from one period to the one compared with. */
import { type Metric, quantityText } from './quantity.ts'

export type Change =
  | { readonly kind: 'nothing-before' }
  | { readonly kind: 'same' }
  | { readonly kind: 'more' | 'less'; readonly absolute: number; readonly ratio: number }

/** `ratio` is |change| / previous. A change below half a percent is called the same: the ranges are far wider than that. */
export function changeOf(current: number, previous: number): Change {
  if (previous === 0) return current === 0 ? { kind: 'same' } : { kind: 'nothing-before' }
  const absolute = current - previous
  const ratio = Math.abs(absolute) / previous
  if (ratio < 0.005) return { kind: 'same' }
  return { kind: absolute > 0 ? 'more' : 'less', absolute: Math.abs(absolute), ratio }
}

/** From here on a factor reads better than a percentage. */
const RATIO_AS_FACTOR = 9.995

/** `▲ 12 %`, with an arrow so that the meaning does not hang on colour. */
export function changeShort(change: Change): string {
  switch (change.kind) {
    case 'nothing-before':
      return 'new'
    case 'same':
      return '± 0 %'
    case 'more':
      return change.ratio >= RATIO_AS_FACTOR
        ? `▲ ×${Math.round(change.ratio + 1)}`
        : `▲ ${Math.round(change.ratio * 100)} %`
    case 'less':
      return `▼ ${Math.round(change.ratio * 100)} %`
  }
}

/** `0.13 kWh more than yesterday up to this time`: stands beside the short form, which says the percentage. */
export function changeSentence(change: Change, metric: Metric, comparedWith: string): string {
  switch (change.kind) {
    case 'nothing-before':
      return 'no use in the period compared with'
    case 'same':
      return `the same as ${comparedWith}`
    case 'more':
    case 'less':
      return `${quantityText(metric, change.absolute)} ${change.kind} than ${comparedWith}`
  }
}
