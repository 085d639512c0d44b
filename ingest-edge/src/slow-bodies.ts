/** A body under way. */
export interface SpeedChecked {
  /** Refuses the body when it came too slowly since the last look. */
  checkSpeed(nowMs: number): void
}

/** The bodies under way, looked at by one timer. */
export class SlowBodies {
  readonly nowMs: () => number
  readonly #readers = new Set<SpeedChecked>()
  readonly #timer: NodeJS.Timeout

  constructor(checkEveryMs: number, nowMs: () => number) {
    this.nowMs = nowMs
    this.#timer = setInterval(() => this.check(), checkEveryMs)
    this.#timer.unref()
  }

  add(reader: SpeedChecked): void {
    this.#readers.add(reader)
  }

  delete(reader: SpeedChecked): void {
    this.#readers.delete(reader)
  }

  check(): void {
    const nowMs = this.nowMs()
    for (const reader of this.#readers) reader.checkSpeed(nowMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
