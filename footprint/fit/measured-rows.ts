/** The rows in which somebody measured the accelerators of a model, and how they are put together. */
import { whPer1kOfJoulesPerToken } from './boundary.ts'
import type { EvidenceRow } from './evidence.ts'

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

/** Logarithms, one value a task: the mean over machines and precisions, so that no task outvotes another. */
export function taskMeans(rows: readonly EvidenceRow[]): number[] {
  const tasks = [...new Set(rows.map((r) => r.task))]
  return tasks.map((task) =>
    mean(rows.filter((r) => r.task === task).map((r) => Math.log(whPer1kOfJoulesPerToken(r.value)))),
  )
}

export const measuredRows = (core: readonly EvidenceRow[]): EvidenceRow[] =>
  core.filter((r) => r.unit === 'J/token' && r.boundary === 'gpu')

export function byKey(
  rows: readonly EvidenceRow[],
  key: (r: EvidenceRow) => string | undefined,
): Map<string, EvidenceRow[]> {
  const groups = new Map<string, EvidenceRow[]>()
  for (const r of rows) {
    const k = key(r)
    if (k !== undefined) groups.set(k, [...(groups.get(k) ?? []), r])
  }
  return groups
}
