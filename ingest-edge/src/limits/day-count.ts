/** Events of one key or organisation on one UTC day, against what the day allows. Time is passed in. */

export const DAY_MS = 86_400_000
export const dayOf = (nowMs: number): number => Math.floor(nowMs / DAY_MS)

export class DayCount {
  eventsMax: number
  #day: number
  #events = 0
  /** Those of this process that other edges have not been told of. */
  #untold = 0
  #heard = false

  constructor(eventsMax: number, nowMs: number) {
    this.eventsMax = eventsMax
    this.#day = dayOf(nowMs)
  }

  eventsAt(nowMs: number): number {
    this.#turn(nowMs)
    return this.#events
  }

  leftAt(nowMs: number): number {
    return Math.max(0, this.eventsMax - this.eventsAt(nowMs))
  }

  add(events: number, nowMs: number): void {
    this.#turn(nowMs)
    this.#events += events
    this.#untold += events
  }

  /** Events that were not stored after all; those of a day that is over are gone with it. */
  giveBack(events: number, day: number): void {
    if (day !== this.#day) return
    this.#events -= events
    this.#untold -= events
  }

  /** Whether there is anything to tell, or nothing has been heard yet. */
  get hasNews(): boolean {
    return this.#untold !== 0 || !this.#heard
  }

  /** What to tell the others now: they add it and answer with the sum, which `correct` takes. */
  tell(nowMs: number): { readonly day: number; readonly untold: number; readonly known: number } {
    this.#turn(nowMs)
    const told = { day: this.#day, untold: this.#untold, known: this.#events }
    this.#untold = 0
    return told
  }

  /** They did not hear it. */
  takeBack(untold: number, day: number): void {
    if (day === this.#day) this.#untold += untold
  }

  /** The sum over all edges; what came here since it was told comes on top. */
  correct(events: number, day: number): void {
    if (day !== this.#day) return
    this.#events = Math.max(this.#events, events + this.#untold)
    this.#heard = true
  }

  /** From a file: what was counted before this process started; call it before anything is counted. */
  recall(events: number, day: number): void {
    if (day === this.#day) this.#events = Math.max(this.#events, events)
  }

  /** Never back: a clock that is set back over midnight does not give a second day. */
  #turn(nowMs: number): void {
    const day = dayOf(nowMs)
    if (day <= this.#day) return
    this.#day = day
    this.#events = 0
    this.#untold = 0
    this.#heard = false
  }
}
