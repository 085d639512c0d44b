/**
 * The bodies under way, looked at by one timer. They are a chain through the readers themselves: every request enters
 * and leaves it, and a `Set` costs ten times as much.
 */
export interface SpeedChecked {
  /** Neighbours in the chain; null outside of it, and `behind` also at its end. */
  before: SpeedChecked | null
  behind: SpeedChecked | null
  /** Refuses the body when it came too slowly since the last look; may take itself out of the chain. */
  checkSpeed(nowMs: number): void
}

const LATE_AFTER_LOOKS = 2

export class SlowBodies {
  readonly nowMs: () => number
  /** Where the chain begins; no body. */
  readonly #anchor: SpeedChecked = { before: null, behind: null, checkSpeed: () => {} }
  readonly #timer: NodeJS.Timeout
  readonly #checkEveryMs: number
  #checkedMs: number
  #wasLate = false

  constructor(checkEveryMs: number, nowMs: () => number) {
    this.nowMs = nowMs
    this.#checkEveryMs = checkEveryMs
    this.#checkedMs = nowMs()
    this.#timer = setInterval(() => this.check(), checkEveryMs)
    this.#timer.unref()
  }

  add(reader: SpeedChecked): void {
    const next = this.#anchor.behind
    reader.before = this.#anchor
    reader.behind = next
    if (next !== null) next.before = reader
    this.#anchor.behind = reader
  }

  /** Does nothing when the reader is not there. */
  delete(reader: SpeedChecked): void {
    const { before, behind } = reader
    if (before === null) return
    before.behind = behind
    if (behind !== null) behind.before = before
    reader.before = null
    reader.behind = null
  }

  /**
   * A look that comes late blames nobody: this process stood still, and what clients sent meanwhile is read right after.
   * Never two in a row, or a busy process would wait for ever.
   */
  check(): void {
    const nowMs = this.nowMs()
    const isLate = nowMs - this.#checkedMs > LATE_AFTER_LOOKS * this.#checkEveryMs
    this.#checkedMs = nowMs
    this.#wasLate = isLate && !this.#wasLate
    if (this.#wasLate) return
    for (let reader = this.#anchor.behind; reader !== null; ) {
      const { behind } = reader
      reader.checkSpeed(nowMs)
      reader = behind
    }
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
