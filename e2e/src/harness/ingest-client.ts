/**
 * The client of the tests, as a careful client is written: what is not answered 202 is sent again with the same ids,
 * until it is. It counts how often it had to.
 */
import { Agent, request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { type IngestAnswer, ingestAnswer } from '@ecomind/schemas'
import type { Ledger, SentEvent } from './ledger.ts'
import { pause } from './wait-for.ts'

export const BODY_SHAPES = ['single', 'array', 'events', 'ndjson'] as const
export type BodyShape = (typeof BODY_SHAPES)[number]

export interface IngestRequest {
  /** For the shape `single` exactly one. */
  readonly events: readonly SentEvent[]
  readonly shape: BodyShape
  readonly gzip: boolean
}

export interface IngestClient {
  /**
   * Sends until the edge has answered 202, or `giveUp` says stop between two tries.
   * @throws Error when the edge answers what a retry can't mend; false when given up
   */
  send(request: IngestRequest): Promise<boolean>
  /** How often a request failed and was sent again, by cause: a status such as `503`, or the code of a socket error. */
  retries(): Readonly<Record<string, number>>
  close(): void
}

export interface IngestClientOptions {
  /** A function is asked before every try, as a balancer would be. */
  readonly edgeUrl: string | (() => string)
  readonly ledger: Ledger
  readonly giveUp?: () => boolean
  /** How long one try may take, in milliseconds. Default 20,000. */
  readonly timeoutMs?: number
}

export interface RawAnswer {
  readonly status: number
  readonly body: string
}

const RETRY_PAUSE_MS = 50

export function createIngestClient(options: IngestClientOptions): IngestClient {
  const { ledger, timeoutMs = 20_000 } = options
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  const causes: Record<string, number> = {}
  return {
    send: async (ingest) => {
      const payload = encodeBody(ingest)
      for (;;) {
        ledger.recordSent(ingest.events)
        const edgeUrl = typeof options.edgeUrl === 'string' ? options.edgeUrl : options.edgeUrl()
        const cause = await attempt(edgeUrl, agent, payload, ingest, ledger, timeoutMs)
        if (cause === null) return true
        causes[cause] = (causes[cause] ?? 0) + 1
        if (options.giveUp?.() === true) return false
        await pause(RETRY_PAUSE_MS)
      }
    },
    retries: () => ({ ...causes }),
    close: () => agent.destroy(),
  }
}

/** Null when all is acknowledged, else why to try again. */
async function attempt(
  edgeUrl: string,
  agent: Agent,
  payload: Payload,
  ingest: IngestRequest,
  ledger: Ledger,
  timeoutMs: number,
): Promise<string | null> {
  let answer: RawAnswer
  try {
    answer = await post(edgeUrl, agent, payload, timeoutMs)
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
  if (answer.status === 503 || answer.status === 429) return String(answer.status)
  if (answer.status !== 202) throw new Error(`send events: the edge answered ${answer.status}: ${answer.body}`)
  const told = ingestAnswer.parse(JSON.parse(answer.body) as unknown)
  checkAnswer(told, ingest.events)
  ledger.recordAcknowledged(ingest.events)
  return null
}

/** A 202 must name exactly the events of the request, in their order. */
function checkAnswer(answer: IngestAnswer, events: readonly SentEvent[]): void {
  const sent = events.map((e) => e.event_id)
  const faults = answer.rejected.length > 0 || answer.accepted !== sent.length
  if (faults || answer.event_ids.some((id, i) => id !== sent[i]))
    throw new Error(
      `send events: the answer does not fit ${sent.length} events: ${JSON.stringify(answer).slice(0, 500)}`,
    )
}

interface Payload {
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Buffer
}

export function encodeBody(ingest: IngestRequest): Payload {
  const text = bodyText(ingest)
  const bytes = ingest.gzip ? gzipSync(text) : Buffer.from(text)
  return {
    bytes,
    headers: {
      'content-type': ingest.shape === 'ndjson' ? 'application/x-ndjson' : 'application/json',
      'content-length': String(bytes.length),
      ...(ingest.gzip ? { 'content-encoding': 'gzip' } : {}),
    },
  }
}

function bodyText({ events, shape }: IngestRequest): string {
  switch (shape) {
    case 'single':
      if (events.length !== 1) throw new RangeError(`encode a single event: ${events.length} were given`)
      return JSON.stringify(events[0])
    case 'array':
      return JSON.stringify(events)
    case 'events':
      return JSON.stringify({ events })
    case 'ndjson':
      return events.map((e) => `${JSON.stringify(e)}\n`).join('')
  }
}

function post(edgeUrl: string, agent: Agent, payload: Payload, timeoutMs: number): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${edgeUrl}/v1/ingest`,
      { method: 'POST', agent, headers: payload.headers, signal: AbortSignal.timeout(timeoutMs) },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        )
        incoming.on('error', reject)
      },
    )
    outgoing.on('error', reject)
    outgoing.end(payload.bytes)
  })
}
