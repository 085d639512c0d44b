/**
 * A few pieces of work at a time, over all organisations and for each; a bounded number waiting; whoever went away is not
 * served. A turn goes to the organisation that has the fewest under way, so nobody waits behind another's pile.
 */
import { AnalystError, QUERY_CANCELLED } from './canonical-statement.ts'

/** TOO_MANY_SIMULTANEOUS_QUERIES of ErrorCodes.cpp. */
const BUSY = 202

export interface TurnLimits {
  readonly maxRunning: number
  readonly maxRunningPerOrg: number
  readonly maxWaiting: number
  readonly maxWaitingPerOrg: number
}

interface Waiting {
  readonly orgId: string
  readonly begin: () => void
}

export class TurnQueue {
  readonly #limits: TurnLimits
  readonly #waiting: Waiting[] = []
  readonly #running = new Map<string, number>()
  #idlers: (() => void)[] = []

  constructor(limits: TurnLimits) {
    this.#limits = limits
  }

  /** @throws AnalystError when too many wait already, or when `gone` at the time of the turn */
  async run<T>(orgId: string, work: () => Promise<T>, gone?: AbortSignal): Promise<T> {
    if (this.#mayRun(orgId)) this.#count(orgId, 1)
    else await this.#wait(orgId)
    try {
      if (gone?.aborted === true) throw new AnalystError(QUERY_CANCELLED, 'the client went away')
      return await work()
    } finally {
      this.#count(orgId, -1)
      this.#next()
    }
  }

  /** Resolves when nothing runs or waits. */
  async idle(): Promise<void> {
    if (this.#total() === 0) return
    await new Promise<void>((resolve) => this.#idlers.push(resolve))
  }

  #total(): number {
    let total = 0
    for (const running of this.#running.values()) total += running
    return total
  }

  #mayRun(orgId: string): boolean {
    return this.#total() < this.#limits.maxRunning && this.#runningOf(orgId) < this.#limits.maxRunningPerOrg
  }

  #runningOf(orgId: string): number {
    return this.#running.get(orgId) ?? 0
  }

  #count(orgId: string, change: 1 | -1): void {
    const running = this.#runningOf(orgId) + change
    if (running === 0) this.#running.delete(orgId)
    else this.#running.set(orgId, running)
  }

  async #wait(orgId: string): Promise<void> {
    const own = this.#waiting.filter((w) => w.orgId === orgId).length
    if (this.#waiting.length >= this.#limits.maxWaiting || own >= this.#limits.maxWaitingPerOrg)
      throw new AnalystError(BUSY, 'too many statements; try again later')
    await new Promise<void>((begin) => this.#waiting.push({ orgId, begin }))
  }

  /** Gives turns that are free to those who wait; who begins is counted here, before its promise is heard. */
  #next(): void {
    for (let best = this.#choose(); best >= 0; best = this.#choose()) {
      const [turn] = this.#waiting.splice(best, 1)
      if (turn === undefined) break
      this.#count(turn.orgId, 1)
      turn.begin()
    }
    if (this.#total() > 0) return
    for (const resolve of this.#idlers) resolve()
    this.#idlers = []
  }

  /** Index of the one to serve next; -1 when nobody may run. */
  #choose(): number {
    let best = -1
    for (const [i, { orgId }] of this.#waiting.entries()) {
      if (!this.#mayRun(orgId)) continue
      const leader = this.#waiting[best]
      if (leader === undefined || this.#runningOf(orgId) < this.#runningOf(leader.orgId)) best = i
    }
    return best
  }
}
