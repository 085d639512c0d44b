/**
 * A token bucket: one token an event, refilled evenly, full with what one second brings. Time is passed in, so that the
 * arithmetic stands alone. Below zero it owes: the rest of a batch, and what other edges let through at the same time.
 */
export class TokenBucket {
  /** Whole number of at least 1. */
  readonly ratePerSecond: number
  #tokens: number
  #atMs: number

  constructor(ratePerSecond: number, nowMs: number) {
    this.ratePerSecond = ratePerSecond
    this.#tokens = ratePerSecond
    this.#atMs = nowMs
  }

  /** Tokens at this moment; fractions count. A clock that goes back brings none and takes none. */
  tokensAt(nowMs: number): number {
    const passedMs = Math.max(0, nowMs - this.#atMs)
    return Math.min(this.ratePerSecond, this.#tokens + (passedMs * this.ratePerSecond) / 1000)
  }

  /** Takes them whatever is there. */
  take(tokens: number, nowMs: number): void {
    this.#set(this.tokensAt(nowMs) - tokens, nowMs)
  }

  /** What all edges together have left; a bucket never holds more than one second's worth. */
  correct(tokens: number, nowMs: number): void {
    this.#set(Math.min(this.ratePerSecond, tokens), nowMs)
  }

  /** The same fill in a bucket of another rate: never more tokens than before, nor than fit. */
  withRate(ratePerSecond: number, nowMs: number): TokenBucket {
    const bucket = new TokenBucket(ratePerSecond, nowMs)
    bucket.correct(this.tokensAt(nowMs), nowMs)
    return bucket
  }

  /** Seconds until a whole token is there; 0 when one is. */
  secondsUntilToken(nowMs: number): number {
    return Math.max(0, (1 - this.tokensAt(nowMs)) / this.ratePerSecond)
  }

  /** Seconds until it is full. */
  secondsUntilFull(nowMs: number): number {
    return (this.ratePerSecond - this.tokensAt(nowMs)) / this.ratePerSecond
  }

  #set(tokens: number, nowMs: number): void {
    this.#tokens = tokens
    this.#atMs = Math.max(this.#atMs, nowMs)
  }
}
