/**
 * Brings a body in: counted against the limit and the in-flight budget as it comes, with a lower bound on its speed.
 *
 * A reader is READING until it is done; then exactly one of: `receive` was called with the whole body, `refuse` was
 * called, or the client went away (nothing is called). Bytes that come after that are dropped unread.
 */
import type { Refusal } from './errors.ts'
import type { Exchange } from './http-server.ts'
import type { InFlightBudget } from './in-flight-budget.ts'
import type { SlowBodies, SpeedChecked } from './slow-bodies.ts'

export interface BodyLimits {
  readonly maxBytes: number
  /** A body must bring `minBytesPerStall` in every such span, or be complete. Below uWebSockets' own 8 to 12 s. */
  readonly stallMs: number
  readonly minBytesPerStall: number
}

/** Per request that is held whatever its size: the exchange, its waiter and their answer. */
export const REQUEST_OVERHEAD_BYTES = 1024

export interface BodyReceiver {
  /** The bytes are valid during the call only. */
  receive(body: Uint8Array): void
  refuse(refusal: Refusal): void
}

export class BodyReader implements SpeedChecked {
  before: SpeedChecked | null = null
  behind: SpeedChecked | null = null
  readonly #exchange: Exchange
  readonly #limits: BodyLimits
  readonly #budget: InFlightBudget
  readonly #receiver: BodyReceiver
  readonly #slow: SlowBodies
  /** Pieces that came before the last; most bodies are one piece. */
  #chunks: Uint8Array[] | null = null
  #bytes = 0
  #reserved = 0
  #reading = true
  #stallStartMs = 0
  #stallBytes = 0

  constructor(exchange: Exchange, limits: BodyLimits, budget: InFlightBudget, slow: SlowBodies, to: BodyReceiver) {
    this.#exchange = exchange
    this.#limits = limits
    this.#budget = budget
    this.#slow = slow
    this.#receiver = to
  }

  /** `declaredBytes` is the content-length, or null for a chunked body. */
  start(declaredBytes: number | null): void {
    if (declaredBytes !== null && declaredBytes > this.#limits.maxBytes) {
      this.#finish(tooLarge(this.#limits))
      return
    }
    if (!this.#reserve(REQUEST_OVERHEAD_BYTES + (declaredBytes ?? 0))) {
      this.#finish(OVERLOADED)
      return
    }
    this.#stallStartMs = this.#slow.nowMs()
    this.#slow.add(this)
    this.#exchange.readBody((chunk, last) => {
      if (this.#reading) this.#take(chunk, last, declaredBytes === null)
    })
  }

  /** Gives the reserved bytes back; to be called once the request is settled or gone. */
  release(): void {
    this.#stop()
    this.#budget.release(this.#reserved)
    this.#reserved = 0
  }

  /** Reserves more for what the request grows to, for example by inflating. */
  reserve(bytes: number): boolean {
    return this.#reserve(bytes)
  }

  /** Called every now and then while the body is under way. */
  checkSpeed(nowMs: number): void {
    if (nowMs - this.#stallStartMs < this.#limits.stallMs) return
    if (this.#bytes - this.#stallBytes < this.#limits.minBytesPerStall) {
      this.#refuseSlow()
      return
    }
    this.#stallStartMs = nowMs
    this.#stallBytes = this.#bytes
  }

  /** A throw would end the process: a timer called. */
  #refuseSlow(): void {
    try {
      this.#finish({
        code: 'request_timeout',
        message: `read body: too slow, it stopped at ${this.#bytes} bytes`,
        close: true,
      })
    } catch (error) {
      this.#exchange.fail(error)
    }
  }

  #take(chunk: Uint8Array, last: boolean, chunked: boolean): void {
    this.#bytes += chunk.length
    if (this.#bytes > this.#limits.maxBytes) {
      this.#finish({ ...tooLarge(this.#limits), close: true })
      return
    }
    if (chunked && !this.#reserve(chunk.length)) {
      this.#finish({ ...OVERLOADED, close: true })
      return
    }
    if (last) {
      this.#complete(chunk)
      return
    }
    // The bytes belong to the socket and are gone after this call.
    this.#chunks ??= []
    this.#chunks.push(Uint8Array.from(chunk))
  }

  #complete(chunk: Uint8Array): void {
    this.#stop()
    const chunks = this.#chunks
    this.#receiver.receive(chunks === null ? chunk : Buffer.concat([...chunks, chunk]))
  }

  #finish(refusal: Refusal): void {
    this.#stop()
    this.#receiver.refuse(refusal)
  }

  #stop(): void {
    this.#reading = false
    this.#slow.delete(this)
  }

  #reserve(bytes: number): boolean {
    if (!this.#budget.reserve(bytes)) return false
    this.#reserved += bytes
    return true
  }
}

const OVERLOADED: Refusal = {
  code: 'overloaded',
  message: 'take a request: too many bytes in flight; send it again after the pause',
  retryAfterSeconds: 1,
}

const tooLarge = (limits: BodyLimits): Refusal => ({
  code: 'body_too_large',
  message: `read body: more than ${limits.maxBytes} bytes; split the request`,
})
