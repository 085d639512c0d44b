/** Small statistics, deterministic: weighted means that outliers cannot drag, rank correlation, least squares. */

export interface Weighted {
  readonly value: number
  readonly weight: number
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

export function weightedMean(values: readonly Weighted[]): number {
  return sum(values.map((v) => v.value * v.weight)) / sum(values.map((v) => v.weight))
}

/** The middle of the values; of an even number the mean of the two in the middle. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2
}

/** Distance from which on a value counts less: Huber's constant times a scatter of 0.5 in logarithms (factor 1.65). */
const HUBER_LIMIT = 1.345 * 0.5
const STEPS = 100

/** Huber's location: the mean of what lies near, values farther off pull with a constant force. */
export function huberMean(values: readonly Weighted[]): number {
  let centre = weightedMean(values)
  for (let step = 0; step < STEPS; step++)
    centre = weightedMean(
      values.map(({ value, weight }) => ({
        value,
        weight: weight * Math.min(1, HUBER_LIMIT / Math.max(Math.abs(value - centre), 1e-9)),
      })),
    )
  return centre
}

/** Ranks from 1; equal values share the middle of their ranks. */
function ranks(values: readonly number[]): number[] {
  return values.map((v) => {
    const below = values.filter((other) => other < v).length
    const equal = values.filter((other) => other === v).length
    return below + (equal + 1) / 2
  })
}

/** Correlation of ranks, -1 to 1. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  const [ra, rb] = [ranks(a), ranks(b)]
  const middle = (a.length + 1) / 2
  const products = ra.map((r, i) => (r - middle) * ((rb[i] ?? middle) - middle))
  const squares = (r: readonly number[]): number => sum(r.map((x) => (x - middle) ** 2))
  return sum(products) / Math.sqrt(squares(ra) * squares(rb))
}

/** Weighted least squares of y on the columns of x by normal equations, solved by elimination with pivots. */
export function leastSquares(
  rows: readonly { readonly x: readonly number[]; readonly y: number; readonly weight: number }[],
): number[] {
  const n = rows[0]?.x.length ?? 0
  const at = (r: readonly number[], i: number): number => r[i] ?? 0
  const matrix = Array.from({ length: n }, (_, i) => [
    ...Array.from({ length: n }, (_unused, j) => sum(rows.map((r) => r.weight * at(r.x, i) * at(r.x, j)))),
    sum(rows.map((r) => r.weight * at(r.x, i) * r.y)),
  ])
  for (let column = 0; column < n; column++) {
    matrix.splice(column, 0, ...matrix.splice(pivotRow(matrix, column), 1))
    const pivot = matrix[column] ?? []
    for (let row = 0; row < n; row++) {
      if (row === column) continue
      const factor = at(matrix[row] ?? [], column) / at(pivot, column)
      matrix[row] = (matrix[row] ?? []).map((v, i) => v - factor * at(pivot, i))
    }
  }
  return matrix.map((row, i) => at(row, n) / at(row, i))
}

function pivotRow(matrix: readonly (readonly number[])[], column: number): number {
  let best = column
  for (let row = column; row < matrix.length; row++)
    if (Math.abs(matrix[row]?.[column] ?? 0) > Math.abs(matrix[best]?.[column] ?? 0)) best = row
  return best
}
