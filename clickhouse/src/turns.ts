/** Statements of one connection, one after the other. */

type Work = () => Promise<void>

export class Turns {
  readonly #ahead: Work[] = []
  readonly #waiting: Work[] = []
  #busy = false
  readonly #idle: (() => void)[] = []

  /** In the order of the calls; what goes `ahead` waits only for what is under way and for others that go ahead. */
  run<T>(work: () => Promise<T>, ahead = false): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const list = ahead ? this.#ahead : this.#waiting
      list.push(() => work().then(resolve, reject))
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
    return this.#ahead.shift() ?? this.#waiting.shift()
  }
}
