/** A few pieces of work at a time, a bounded number waiting, and whoever went away is not served. */
import { AnalystError, QUERY_CANCELLED } from './canonical-statement.ts'

/** TOO_MANY_SIMULTANEOUS_QUERIES of ErrorCodes.cpp. */
const BUSY = 202


export class TurnQueue {
  readonly #maxRunning: number
  readonly #maxWaiting: number
  readonly #waiting: (() => void)[] = []
  #idlers: (() => void)[] = []
  #running = 0

  constructor(maxRunning: number, maxWaiting: number) {
    this.#maxRunning = maxRunning
    this.#maxWaiting = maxWaiting
  }

  /** @throws AnalystError when too many wait already, or when `isGone` at the time of the turn */
  async run<T>(work: () => Promise<T>, isGone: () => boolean): Promise<T> {
    if (this.#running >= this.#maxRunning) await this.#wait()
    else this.#running += 1
    try {
      if (isGone()) throw new AnalystError(QUERY_CANCELLED, 'the client went away')
      return await work()
    } finally {
      this.#next()
    }
  }

  /** Resolves when nothing runs or waits. */
  async idle(): Promise<void> {
    if (this.#running === 0) return
    await new Promise<void>((resolve) => this.#idlers.push(resolve))
  }

  async #wait(): Promise<void> {
    if (this.#waiting.length >= this.#maxWaiting) throw new AnalystError(BUSY, 'too many statements; try again later')
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Hands the turn on, or gives it back. */
  #next(): void {
    const next = this.#waiting.shift()
    if (next !== undefined) {
      next()
      return
    }
    this.#running -= 1
    if (this.#running > 0) return
    for (const resolve of this.#idlers) resolve()
    this.#idlers = []
  }
}
