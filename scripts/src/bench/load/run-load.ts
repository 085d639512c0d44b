/**
 * A load generator of raw sockets, cheap enough not to be what is measured. It runs in its own process (load-worker.ts)
 * so that its CPU time is counted apart. Closed loop: each connection sends its next request when the answer is there.
 * Open loop: requests are due at fixed times whatever the server does, any free connection takes the next one, and the
 * latency counts from the time a request was DUE, so a stall shows in every request that it delayed (no coordinated
 * omission). What the generator itself sends late is reported beside it.
 */
import type { TraceRequest } from '../../sample-data/trace.ts'
import { percentiles, Samples } from '../statistics.ts'
import type { Answer } from './answer-reader.ts'
import { Connection } from './connection.ts'
import { TemplateFiller } from './fill-template.ts'
import type { LoadPlan, LoadResult } from './load-plan.ts'
import { makeTemplates, type RequestTemplate } from './request-template.ts'

/** Examples kept of refused events. */
const REJECTED_MAX = 3
const READ_BYTES = 262_144
/** How long requests that are due may still be sent behind the end of an open loop. */
const GRACE_MS = 10_000

/** `trace` gives the token counts, taken in turn, so that sizes are real. @throws Error when a connection breaks and the plan has no `retry` */
export function runLoad(plan: LoadPlan, trace: readonly TraceRequest[]): Promise<LoadResult> {
  const templates = makeTemplates(plan, trace)
  return new Promise((resolve, reject) => {
    new Run(plan, templates, resolve, reject).start()
  })
}

interface UnderWay {
  readonly template: RequestTemplate
  idSum: number
}

class Run {
  readonly #plan: LoadPlan
  readonly #resolve: (result: LoadResult) => void
  readonly #reject: (error: Error) => void
  /** A ring: taken at `#taken`, given back at `#given`; there are more templates than connections. */
  readonly #templates: RequestTemplate[]
  #taken = 0
  #given = 0
  readonly #filler: TemplateFiller
  readonly #connections: Connection[] = []
  readonly #free: Connection[] = []
  readonly #underWay = new Map<Connection, UnderWay>()
  readonly #latencies = new Samples()
  readonly #late = new Samples()
  readonly #refused: Record<string, number> = {}
  readonly #rejected: string[] = []
  #requests = 0
  #sent = 0
  #accepted = 0
  #retries = 0
  #tokensIn = 0
  #tokensOut = 0
  #idSum = 0
  #startedMs = 0
  #cpu = process.cpuUsage()
  #timer: NodeJS.Timeout | undefined
  #ended = false

  constructor(
    plan: LoadPlan,
    templates: RequestTemplate[],
    resolve: (result: LoadResult) => void,
    reject: (error: Error) => void,
  ) {
    this.#plan = plan
    this.#templates = templates
    this.#filler = new TemplateFiller(plan)
    this.#resolve = resolve
    this.#reject = (error) => {
      this.#ended = true
      clearTimeout(this.#timer)
      reject(error)
    }
  }

  /** The clock runs from here; connections join as they are made. */
  start(): void {
    const { host, port, retry, connections, ratePerSecond } = this.#plan
    const readInto = Buffer.allocUnsafe(READ_BYTES)
    this.#startedMs = performance.now()
    this.#cpu = process.cpuUsage()
    for (let i = 0; i < connections; i++) {
      const connection = new Connection(
        {
          host,
          port,
          retry,
          readInto,
          onAnswer: (from, answer) => this.#answered(from, answer),
          onRetry: () => {
            this.#retries++
          },
          onBroken: this.#reject,
        },
        () => this.#next(connection),
      )
      this.#connections.push(connection)
    }
    if (ratePerSecond !== null) this.#tick()
  }

  #answered(connection: Connection, answer: Answer): void {
    const own = this.#underWay.get(connection)
    if (own === undefined) return
    this.#underWay.delete(connection)
    this.#requests++
    this.#latencies.add(performance.now() - connection.dueMs)
    if (answer.status === 202) {
      this.#accepted += answer.accepted
      this.#tokensIn += own.template.tokensIn
      this.#tokensOut += own.template.tokensOut
      this.#idSum = (this.#idSum + own.idSum) % 2 ** 32
      if (answer.rejected !== null && this.#rejected.length < REJECTED_MAX) this.#rejected.push(answer.rejected)
    } else this.#refused[answer.status] = (this.#refused[answer.status] ?? 0) + 1
    this.#templates[this.#given++ % this.#templates.length] = own.template
    this.#next(connection)
  }

  /** The connection is free: it sends what is due, waits, or was the last. */
  #next(connection: Connection): void {
    const now = performance.now()
    const dueMs = this.#plan.ratePerSecond === null ? now : this.#dueAt(this.#sent)
    if (this.#isOver(now)) {
      if (this.#underWay.size === 0) this.#end()
      return
    }
    if (dueMs > now) this.#free.push(connection)
    else this.#send(connection, dueMs)
  }

  /** Whether the next request would come too late: by the clock, or at a fixed rate by its number. */
  #isOver(now: number): boolean {
    const { ratePerSecond, durationMs, eventsMax, batch } = this.#plan
    if (eventsMax !== null && this.#sent * batch >= eventsMax) return true
    return ratePerSecond === null ? now - this.#startedMs >= durationMs : this.#sent >= requestsDue(this.#plan)
  }

  #dueAt(n: number): number {
    return this.#startedMs + (n * 1000) / (this.#plan.ratePerSecond ?? 1)
  }

  #send(connection: Connection, dueMs: number): void {
    const template = this.#templates[this.#taken++ % this.#templates.length]
    if (template === undefined) {
      this.#reject(new Error('run load: there are no templates'))
      return
    }
    this.#sent++
    this.#underWay.set(connection, { template, idSum: this.#filler.fill(template, Date.now()) })
    connection.dueMs = dueMs
    connection.send(template.bytes)
  }

  /** Open loop: hands what is due to free connections, once a millisecond. */
  #tick(): void {
    if (this.#ended) return
    const now = performance.now()
    for (;;) {
      const dueMs = this.#dueAt(this.#sent)
      if (this.#isOver(now)) {
        if (this.#underWay.size === 0) this.#end()
        break
      }
      if (dueMs > now || this.#free.length === 0) break
      const connection = this.#free.shift()
      this.#late.add(now - dueMs)
      if (connection !== undefined) this.#send(connection, dueMs)
    }
    if (now - this.#startedMs > this.#plan.durationMs + GRACE_MS) this.#end()
    else this.#timer = setTimeout(() => this.#tick(), 1)
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#timer)
    const elapsedMs = performance.now() - this.#startedMs
    const { user, system } = process.cpuUsage(this.#cpu)
    for (const connection of this.#connections) connection.close()
    const due = this.#plan.ratePerSecond === null ? this.#sent : requestsDue(this.#plan)
    this.#resolve({
      requests: this.#requests,
      accepted: this.#accepted,
      tokensIn: this.#tokensIn,
      tokensOut: this.#tokensOut,
      idSum: this.#idSum,
      rejected: this.#rejected,
      refused: this.#refused,
      retries: this.#retries,
      dropped: Math.max(0, due - this.#sent),
      elapsedMs,
      cpuSeconds: (user + system) / 1e6,
      cpuUserSeconds: user / 1e6,
      latency: percentiles(this.#latencies),
      sentLate: percentiles(this.#late),
    })
  }
}

function requestsDue({ ratePerSecond, durationMs }: LoadPlan): number {
  return Math.ceil(((ratePerSecond ?? 0) * durationMs) / 1000)
}
