/** The grade of evidence behind a row of numbers. */
import type { Quality } from '@ecomind/schemas'

export interface QualityCounts {
  readonly calls: number
  readonly measured: number
  readonly unknown: number
}

/** Shares of calls, and the grade: A from 95 % measured, B 75 %, C 50 %, D less, E when most calls are unknown. */
export function qualityOf({ calls, measured, unknown }: QualityCounts): Quality {
  if (calls === 0) return { grade: 'none', measured: 0, estimated: 0, unknown: 0 }
  const estimated = calls - measured - unknown
  return {
    grade: gradeOf(measured / calls, unknown / calls),
    measured: measured / calls,
    estimated: estimated / calls,
    unknown: unknown / calls,
  }
}

function gradeOf(measured: number, unknown: number): Quality['grade'] {
  if (unknown > 0.5) return 'E'
  if (measured >= 0.95) return 'A'
  if (measured >= 0.75) return 'B'
  if (measured >= 0.5) return 'C'
  return 'D'
}
