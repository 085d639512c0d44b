/** Statements of one connection, one after the other. */

type Work = () => Promise<void>

/** So many in a row go ahead at most: what waits is never forgotten. */
const AHEAD_MAX = 8

export class Turns {
  readonly #ahead: Work[] = []
  readonly #waiting: Work[] = []
  readonly #idle: (() => void)[] = []
  #busy = false
  #aheadInRow = 0

  /** In the order of the calls; what goes `ahead` waits only for what is under way and for others that go ahead. */
  run<T>(work: () => Promise<T>, ahead = false): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const list = ahead ? this.#ahead : this.#waiting
      list.push(async () => {
        try {
          resolve(await work())
        } catch (error) {
          reject(error)
        }
      })
      if (!this.#busy) void this.#work()
    })
  }

  /** Resolves when nothing runs or waits. */
  async idle(): Promise<void> {
    if (this.#busy) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  async #work(): Promise<void> {
    this.#busy = true
    for (let next = this.#next(); next !== undefined; next = this.#next()) await next()
    this.#busy = false
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  #next(): Work | undefined {
    const mayGoAhead = this.#aheadInRow < AHEAD_MAX || this.#waiting.length === 0
    const ahead = mayGoAhead ? this.#ahead.shift() : undefined
    this.#aheadInRow = ahead === undefined ? 0 : this.#aheadInRow + 1
    return ahead ?? this.#waiting.shift()
  }
}
