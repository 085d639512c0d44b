/** A coarse clock for many connections: one timer instead of one each, and the date header once a second. */

const TICK_MS = 1000

export class Ticks {
  now = 0
  date = new Date().toUTCString()
  readonly #timer: NodeJS.Timeout

  constructor(onTick: () => void) {
    this.#timer = setInterval(() => {
      this.now++
      this.date = new Date().toUTCString()
      onTick()
    }, TICK_MS).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
