/**
 * Edges that follow the keys at this process, and whoever changes keys and wants them to have it: a key that was just made
 * can be used at once, one that was revoked is refused. Edges that ask another process hear of it when they ask next.
 */

/** An edge that was not seen for longer is away, and not waited for. It asks every second, and again when it has taken keys. */
const SEEN_WITHIN_MS = 2500
const TAKEN_WITHIN_MS = 3000

export interface Listening {
  /** The edge has the newest keys, as was read after it came. */
  isCurrent(): void
  /** True when keys have changed since it came, false when they have not within `ms`. */
  heard(ms: number): Promise<boolean>
  /** To be called when the request is over. */
  end(): void
}

interface Telling {
  readonly turn: number
  readonly awaited: Set<string>
  readonly done: () => void
}

export class EdgeNews {
  readonly #nowMs: () => number
  readonly #seenMs = new Map<string, number>()
  readonly #slow = new Set<string>()
  readonly #wakers = new Set<(changed: boolean) => void>()
  readonly #tellings = new Set<Telling>()
  #turn = 0
  #closed = false

  /** @param nowMs of a clock that never goes back */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
  }

  /** An edge comes; to be called before its keys are compared with the newest. */
  listen(edge: string): Listening {
    const turn = this.#turn
    let wake: (changed: boolean) => void = () => undefined
    const woken = new Promise<boolean>((resolve) => {
      wake = resolve
    })
    this.#wakers.add(wake)
    this.#seenMs.set(edge, this.#nowMs())
    return {
      isCurrent: () => {
        this.#slow.delete(edge)
        for (const telling of [...this.#tellings]) if (turn >= telling.turn) settle(telling, edge)
      },
      heard: async (ms) => {
        if (this.#closed) return false
        const timer = setTimeout(() => wake(false), ms)
        return await woken.finally(() => clearTimeout(timer))
      },
      end: () => {
        this.#wakers.delete(wake)
        this.#seenMs.set(edge, this.#nowMs())
        wake(false)
      },
    }
  }

  /** Keys have changed: resolves when every edge that is about has them, at the latest after three seconds. */
  async tell(): Promise<void> {
    const turn = ++this.#turn
    const awaited = new Set(this.#edgesAbout())
    if (awaited.size === 0 || this.#closed) return
    for (const wake of [...this.#wakers]) wake(true)
    await new Promise<void>((resolve) => {
      const telling: Telling = { turn, awaited, done: () => finish() }
      const timer = setTimeout(() => {
        // Whoever can't take them is not waited for again until it comes with the newest.
        for (const edge of awaited) this.#slow.add(edge)
        finish()
      }, TAKEN_WITHIN_MS)
      const finish = (): void => {
        clearTimeout(timer)
        this.#tellings.delete(telling)
        resolve()
      }
      this.#tellings.add(telling)
    })
  }

  /** From now on nobody waits: the process stops. */
  close(): void {
    this.#closed = true
    for (const wake of [...this.#wakers]) wake(false)
    for (const { done } of [...this.#tellings]) done()
  }

  #edgesAbout(): readonly string[] {
    const since = this.#nowMs() - SEEN_WITHIN_MS
    for (const [edge, seenMs] of this.#seenMs) {
      if (seenMs >= since) continue
      this.#seenMs.delete(edge)
      this.#slow.delete(edge)
    }
    return [...this.#seenMs.keys()].filter((edge) => !this.#slow.has(edge))
  }
}

function settle({ awaited, done }: Telling, edge: string): void {
  awaited.delete(edge)
  if (awaited.size === 0) done()
}
