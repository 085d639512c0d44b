/** How many bytes of requests the edge may hold at one time; what keeps its memory bounded. */
export class InFlightBudget {
  readonly limitBytes: number
  #bytes = 0

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  /** False, and nothing reserved, when the limit would be passed. */
  reserve(bytes: number): boolean {
    if (this.#bytes + bytes > this.limitBytes) return false
    this.#bytes += bytes
    return true
  }

  release(bytes: number): void {
    this.#bytes -= bytes
  }
}
