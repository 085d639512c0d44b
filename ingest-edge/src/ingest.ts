/**
 * `POST /v1/ingest`, step by step: the head is admitted, the body is read, inflated, parsed, each event checked, and
 * what is right goes into the log; the answer follows when it is durable. A body in which everything is right and
 * plainly written is parsed and checked in one go (`scanned-events.ts`), any other one object by object.
 */
import { type AdmitDeps, type Admitted, admit } from './admit.ts'
import { checkEvents } from './check-events.ts'
import type { Cors } from './cors.ts'
import { type Refusal, type RejectedEvent, refusalBody, statusLine, statusOf } from './errors.ts'
import { type GroupCommit, refusalOfFailure } from './group-commit.ts'
import type { Exchange, HeaderList } from './http-server.ts'
import type { InFlightBudget } from './in-flight-budget.ts'
import { inflate } from './inflate.ts'
import type { Budget } from './limits/account.ts'
import type { EdgeMetrics } from './metrics.ts'
import { parseBody } from './parse-body.ts'
import type { EncodableEvents, Waiter } from './partition-group.ts'
import { PlainEvents } from './plain-events.ts'
import { type BodyLimits, BodyReader, type BodyReceiver } from './read-body.ts'
import { isSaneRequestId, requestIdOf } from './request-id.ts'
import { scanEvents } from './scanned-events.ts'
import type { SlowBodies } from './slow-bodies.ts'

export interface IngestDeps extends AdmitDeps {
  readonly limits: BodyLimits & {
    readonly eventsMax: number
    readonly tsAgeMsMax: number
    readonly tsAheadMsMax: number
  }
  readonly budget: InFlightBudget
  readonly slow: SlowBodies
  readonly commit: GroupCommit
  readonly cors: Cors
  readonly metrics: EdgeMetrics
  /** Gives the id of an event that has none. */
  readonly newEventId: () => string
}

/** Takes one ingest request; answers it now or later. */
export function ingest(deps: IngestDeps, exchange: Exchange): void {
  const request = new IngestRequest(deps, exchange)
  const admitted = admit(deps, exchange.head)
  if (admitted.kind === 'refused') request.refuse(admitted.refusal)
  else request.read(admitted)
}

class IngestRequest implements BodyReceiver, Waiter {
  readonly #deps: IngestDeps
  readonly #exchange: Exchange
  readonly #reader: BodyReader
  #admitted: Admitted | null = null
  #rejected: readonly RejectedEvent[] = []
  /** Events that wait for their flush, and their ids as the inside of a JSON array. */
  #accepted = 0
  #ids = ''
  #takenAtMs = 0

  constructor(deps: IngestDeps, exchange: Exchange) {
    this.#deps = deps
    this.#exchange = exchange
    this.#reader = new BodyReader(exchange, deps.limits, deps.budget, deps.slow, this)
  }

  read(admitted: Admitted): void {
    this.#admitted = admitted
    this.#exchange.onAborted = () => {
      this.#deps.metrics.aborted++
      // Events that wait for their flush still hold memory; `settled` gives that back.
      if (this.#accepted === 0) this.#reader.release()
    }
    this.#reader.start(admitted.declaredBytes)
  }

  receive(sent: Uint8Array): void {
    const admitted = this.#admitted
    if (admitted === null) return
    try {
      const body = admitted.encoding === 'gzip' ? this.#inflate(sent) : sent
      const refusal = body === null ? null : this.#takeEvents(body, admitted)
      if (refusal !== null) this.refuse(refusal)
    } catch (error) {
      this.fail(error)
    }
  }

  fail(fault: unknown): void {
    this.#reader.release()
    this.#exchange.fail(fault)
  }

  refuse(refusal: Refusal): void {
    this.#answerRefusal(refusal, refusal.code === 'all_rejected' ? this.#rejected : [])
  }

  /** The events are durable, or may not be. */
  settled(failure: unknown): void {
    this.#reader.release()
    const budget = this.#admitted?.budget ?? null
    if (failure !== null) {
      budget?.giveBack(this.#accepted, this.#takenAtMs)
      this.refuse(refusalOfFailure(failure))
      return
    }
    const { metrics, cors, nowMs } = this.#deps
    const { head } = this.#exchange
    metrics.accepted += this.#accepted
    this.#countRejected()
    metrics.countStatus(202)
    let headers: HeaderList = ACCEPTED_HEADERS
    if (head.origin !== '') headers = [...headers, ...cors.headersFor(head.origin)]
    if (budget !== null) headers = [...headers, ...budget.headers(nowMs())]
    if (isSaneRequestId(head.requestId)) headers = [...headers, 'x-request-id', head.requestId]
    this.#exchange.answer(ACCEPTED, headers, acceptedBody(this.#accepted, this.#ids, this.#rejected))
  }

  #inflate(sent: Uint8Array): Buffer | null {
    const { maxBytes } = this.#deps.limits
    const inflated = inflate(sent, maxBytes)
    if (inflated.kind === 'too-large') {
      this.refuse({
        code: 'body_too_large',
        message: `inflate body: more than ${maxBytes} bytes; split the request`,
      })
      return null
    }
    if (inflated.kind === 'malformed') {
      this.refuse({ code: 'malformed_encoding', message: 'inflate body: it is not one whole gzip stream' })
      return null
    }
    if (this.#reader.reserve(inflated.body.length)) return inflated.body
    this.refuse({ code: 'overloaded', message: 'take a request: too many bytes in flight', retryAfterSeconds: 1 })
    return null
  }

  /** Hands the events over and gives null, or says why none is taken. */
  #takeEvents(body: Uint8Array, { format, orgId, orgIsImplied, budget }: Admitted): Refusal | null {
    const { limits, nowMs, newEventId } = this.#deps
    const arrivedAtMs = nowMs()
    const rules = {
      tsMinMs: arrivedAtMs - limits.tsAgeMsMax,
      tsMaxMs: arrivedAtMs + limits.tsAheadMsMax,
      orgId,
      orgIsImplied,
      newEventId,
    }
    const scanned = scanEvents(body, format, rules, limits.eventsMax)
    if (scanned !== null) return this.#commit(scanned, budget, arrivedAtMs)
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    const parsed = parseBody(bytes, format, limits.eventsMax)
    if (parsed.kind === 'refused') return parsed.refusal
    const checked = checkEvents(parsed, { ...rules, plain: parsed.plain })
    if (checked.kind === 'refused') return checked.refusal
    this.#rejected = checked.rejected
    if (checked.accepted.length === 0) return allRejected(checked.rejected)
    return this.#commit(new PlainEvents(checked.accepted), budget, arrivedAtMs)
  }

  #commit(events: EncodableEvents, budget: Budget | null, nowMs: number): Refusal | null {
    const overQuota = budget === null ? null : budget.takeEvents(events.count, nowMs)
    if (overQuota !== null) return overQuota
    this.#takenAtMs = nowMs
    this.#accepted = events.count
    this.#ids = events.idsAsJson()
    this.#deps.commit.add(events, this)
    return null
  }

  #answerRefusal(refusal: Refusal, rejected: readonly RejectedEvent[]): void {
    this.#reader.release()
    const { cors, metrics } = this.#deps
    const { head } = this.#exchange
    const status = statusOf(refusal)
    const requestId = requestIdOf(head.requestId)
    if (rejected.length > 0) this.#countRejected()
    metrics.countStatus(status)
    metrics.countRefusal(refusal.code)
    const headers = ['content-type', 'application/json', 'x-request-id', requestId, ...cors.headersFor(head.origin)]
    if (refusal.headers !== undefined) headers.push(...refusal.headers)
    if (refusal.retryAfterSeconds !== undefined)
      headers.push('retry-after', String(Math.ceil(refusal.retryAfterSeconds)))
    const body = refusalBody(refusal, requestId, status === 400 ? rejected : null)
    this.#exchange.answer(statusLine(status), headers, body, refusal.close === true || this.#deps.isStopping())
  }

  #countRejected(): void {
    for (const { code } of this.#rejected) this.#deps.metrics.countRejected(code)
  }
}

const ACCEPTED = statusLine(202)
const ACCEPTED_HEADERS: HeaderList = ['content-type', 'application/json']

function acceptedBody(count: number, ids: string, rejected: readonly RejectedEvent[]): string {
  const reasons = rejected.length === 0 ? '' : JSON.stringify(rejected).slice(1, -1)
  return `{"accepted":${count},"rejected":[${reasons}],"event_ids":[${ids}]}`
}

function allRejected(rejected: readonly RejectedEvent[]): Refusal {
  const [only] = rejected
  const what = rejected.length === 1 && only !== undefined ? only.message : `none of ${rejected.length} events is valid`
  return { code: 'all_rejected', message: `${what}; see rejected` }
}
