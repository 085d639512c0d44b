/**
 * A load generator of raw sockets, cheap enough not to be what is measured. It runs in its own process (load-worker.ts)
 * so that its CPU time is counted apart. Closed loop: each connection sends its next request when the answer is there.
 * Open loop: requests are due at fixed times, and the latency counts from the time a request was DUE, so a stall of the
 * server shows in every request that it delayed (no coordinated omission).
 */
import { connect, type Socket } from 'node:net'
import type { TraceRequest } from '../sample-data/trace.ts'

export interface LoadPlan {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly connections: number
  /** Requests each connection may have under way (HTTP pipelining); 1 for latency runs. */
  readonly pipeline: number
  /** Requests a second over all connections; null is the closed loop. */
  readonly ratePerSecond: number | null
  readonly durationMs: number
  /** Events in one request. */
  readonly batch: number
  /** Prefix of the event ids, so that two runs never share one. */
  readonly idPrefix: string
  readonly users: number
}

export interface LoadResult {
  readonly requests: number
  readonly accepted: number
  /** Why events of accepted requests were refused; anything here is a fault of the generator or the edge. */
  readonly rejected: readonly string[]
  /** Answers that were not 202, by status. */
  readonly refused: Readonly<Record<string, number>>
  /** Open loop: requests that were due and not sent before the end. */
  readonly dropped: number
  readonly tokensIn: number
  readonly tokensOut: number
  readonly elapsedMs: number
  /** Milliseconds. */
  readonly latency: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number }
}

/** Examples kept of refused events. */
const REJECTED_MAX = 3

const MODELS = ['gpt-4o', 'gpt-4o-mini', 'claude-sonnet-4-5', 'gemini-2.5-flash'] as const
const PROVIDERS = ['openai', 'openai', 'anthropic', 'google'] as const

interface Request {
  readonly text: string
  readonly tokensIn: number
  readonly tokensOut: number
}

interface Sent {
  readonly dueMs: number
  readonly tokensIn: number
  readonly tokensOut: number
}

/** `trace` gives the token counts, taken in turn, so that sizes are real. */
export async function runLoad(plan: LoadPlan, trace: readonly TraceRequest[]): Promise<LoadResult> {
  const latencies: number[] = []
  const refused: Record<string, number> = {}
  const rejected: string[] = []
  const totals = { requests: 0, accepted: 0, tokensIn: 0, tokensOut: 0, sent: 0 }
  const startedMs = performance.now()
  const endMs = startedMs + plan.durationMs
  let serial = 0

  const runConnection = (index: number) =>
    new Promise<void>((resolve, reject) => {
      const socket = connect({ host: plan.host, port: plan.port, noDelay: true })
      const waiting: Sent[] = []
      let due = 0
      const dueAt = (n: number) =>
        plan.ratePerSecond === null ? 0 : startedMs + ((n * plan.connections + index) * 1000) / plan.ratePerSecond
      const finish = () => {
        resolve()
        socket.end()
      }
      const pump = () => {
        let out = ''
        while (waiting.length < plan.pipeline) {
          const now = performance.now()
          const dueMs = plan.ratePerSecond === null ? now : dueAt(due)
          if (now >= endMs || dueMs >= endMs) {
            if (waiting.length === 0) finish()
            break
          }
          if (dueMs > now) {
            setTimeout(pump, Math.max(dueMs - now, 0))
            break
          }
          due++
          const request = makeRequest(plan, trace, serial++)
          waiting.push({ dueMs, tokensIn: request.tokensIn, tokensOut: request.tokensOut })
          totals.sent++
          out += request.text
        }
        if (out !== '') socket.write(out, 'latin1')
      }
      readAnswers(socket, (status, body) => {
        const sent = waiting.shift()
        if (sent === undefined) return reject(new Error('read answers: more answers than requests'))
        totals.requests++
        latencies.push(performance.now() - sent.dueMs)
        if (status === 202) {
          totals.accepted += acceptedOf(body)
          if (!body.includes('"rejected":[]') && rejected.length < REJECTED_MAX) rejected.push(rejectionsOf(body))
          totals.tokensIn += sent.tokensIn
          totals.tokensOut += sent.tokensOut
        } else refused[status] = (refused[status] ?? 0) + 1
        pump()
      })
      socket.once('error', reject)
      socket.once('close', () => reject(new Error('run load: the server closed a connection')))
      socket.once('connect', pump)
    })

  await Promise.all(Array.from({ length: plan.connections }, (_, i) => runConnection(i)))
  const elapsedMs = performance.now() - startedMs
  const due = plan.ratePerSecond === null ? totals.sent : Math.floor((plan.ratePerSecond * plan.durationMs) / 1000)
  return {
    requests: totals.requests,
    accepted: totals.accepted,
    rejected,
    refused,
    dropped: Math.max(0, due - totals.sent),
    tokensIn: totals.tokensIn,
    tokensOut: totals.tokensOut,
    elapsedMs,
    latency: percentiles(latencies),
  }
}

function makeRequest(plan: LoadPlan, trace: readonly TraceRequest[], serial: number): Request {
  let tokensIn = 0
  let tokensOut = 0
  const events: string[] = []
  for (let i = 0; i < plan.batch; i++) {
    const n = serial * plan.batch + i
    const tokens = trace[n % trace.length] as TraceRequest
    tokensIn += tokens.tokensIn
    tokensOut += tokens.tokensOut
    const kind = n % MODELS.length
    events.push(
      `{"org_id":"org_demo","event_id":"${plan.idPrefix}-${n}","user_id":"user_${n % plan.users}","provider":"${PROVIDERS[kind]}","model":"${MODELS[kind]}","tokens_in":${tokens.tokensIn},"tokens_out":${tokens.tokensOut},"region":"US-CAISO","ts":${Date.now()}}`,
    )
  }
  const body = plan.batch === 1 ? (events[0] ?? '') : `[${events.join(',')}]`
  const head = `POST ${plan.path} HTTP/1.1\r\nhost: ${plan.host}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
  return { text: head + body, tokensIn, tokensOut }
}

/** Calls back once per HTTP answer with a content-length; that is all that an edge sends. */
function readAnswers(socket: Socket, onAnswer: (status: number, body: string) => void): void {
  let buffered = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    buffered += chunk
    for (;;) {
      const headEnd = buffered.indexOf('\r\n\r\n')
      if (headEnd < 0) return
      const length = /content-length: *(\d+)/i.exec(buffered.slice(0, headEnd))
      const end = headEnd + 4 + Number(length?.[1] ?? 0)
      if (buffered.length < end) return
      const status = Number(buffered.slice(9, 12))
      const body = buffered.slice(headEnd + 4, end)
      buffered = buffered.slice(end)
      onAnswer(status, body)
    }
  })
}

function rejectionsOf(body: string): string {
  return /"rejected":\[(.{0,400})/.exec(body)?.[1] ?? ''
}

function acceptedOf(body: string): number {
  return Number(/"accepted":(\d+)/.exec(body)?.[1] ?? 0)
}

export function percentiles(values: readonly number[]): LoadResult['latency'] {
  const sorted = Float64Array.from(values).sort()
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted[sorted.length - 1] ?? 0 }
}
