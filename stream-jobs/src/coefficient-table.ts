/** The coefficients that a batch's calls are computed with, numbered: what a block's dictionary is made from. */
import type { ValueDictionary } from '@ecomind/clickhouse'
import { grown } from './event-columns.ts'

const BYTES_FIRST = 64 * 1024

export class CoefficientTable implements ValueDictionary {
  bytes = new Uint8Array(BYTES_FIRST)
  starts = new Uint32Array(256)
  /** Number 0 is '', as in every dictionary. */
  count = 1
  readonly #numbers = new Map<Uint8Array, number>()

  /** The same number for the same object. */
  numberOf(coefficients: Uint8Array): number {
    return this.#numbers.get(coefficients) ?? this.#add(coefficients)
  }

  #add(coefficients: Uint8Array): number {
    const number = this.count
    const start = this.starts[number] ?? 0
    const end = start + coefficients.length
    if (number + 1 === this.starts.length) this.starts = grown(this.starts, this.starts.length * 2)
    if (end > this.bytes.length) this.bytes = grown(this.bytes, Math.max(end, this.bytes.length * 2))
    this.bytes.set(coefficients, start)
    this.starts[number + 1] = end
    this.count += 1
    this.#numbers.set(coefficients, number)
    return number
  }
}
