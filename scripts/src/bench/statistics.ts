/** The few statistics of the suite: percentiles of many samples, medians of a few repeats, spread. */

export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/** Nearest rank on the sorted samples; zeros when there are none. */
export function percentiles(values: Iterable<number>): Percentiles {
  const sorted = Float64Array.from(values).sort()
  const at = (q: number) =>
    round(sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? 0)
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: round(sorted[sorted.length - 1] ?? 0) }
}

/** The middle value, or the mean of the two in the middle. @throws RangeError for no values */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('median: no values')
  const sorted = Float64Array.from(values).sort()
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

/** The percentiles of several runs, each taken as the median over the runs. */
export function medianPercentiles(runs: readonly Percentiles[]): Percentiles {
  const of = (pick: (p: Percentiles) => number) => median(runs.map(pick))
  return { p50: of((p) => p.p50), p95: of((p) => p.p95), p99: of((p) => p.p99), max: of((p) => p.max) }
}

/** Four significant digits: more of a measured number is noise. */
export function round(value: number): number {
  return Number(value.toPrecision(4))
}

/** Grows as it is filled; millions of samples without an object each. */
export class Samples implements Iterable<number> {
  #values = new Float64Array(4096)
  #count = 0

  add(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#count * 2)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#count++] = value
  }

  [Symbol.iterator](): Iterator<number> {
    return this.#values.subarray(0, this.#count)[Symbol.iterator]()
  }
}
