/** Requests a second that a profile asks for, so long after its start: stages rise and fall in straight lines. Pure. */
import type { LoadOptions } from './options.ts'

export function rateAt(
  { profile, factor, stretch }: Pick<LoadOptions, 'profile' | 'factor' | 'stretch'>,
  seconds: number,
): number {
  let from = profile.startRate
  let left = seconds / stretch
  for (const { seconds: length, rate } of profile.stages) {
    if (left < length) return factor * (from + ((rate - from) * left) / length)
    left -= length
    from = rate
  }
  return factor * from
}
