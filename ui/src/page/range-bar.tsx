/** Where the central value lies between low and high, on a scale from 0 to high. Decoration: the numbers stand beside it. */
import type { RangeValue } from '../numbers/quantity.ts'

export function RangeBar(props: { range: RangeValue }) {
  const part = (value: number) => (props.range.high > 0 ? Math.min(1, value / props.range.high) * 100 : 0)
  return (
    <svg class="range-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="range-track" x="0" y="2" width="100" height="2" rx="1" />
      <rect class="range-band" x={part(props.range.low)} y="1" width={100 - part(props.range.low)} height="4" />
      <rect class="range-mark" x={Math.min(99.2, part(props.range.central))} y="0" width="0.8" height="6" />
    </svg>
  )
}
