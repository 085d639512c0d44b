import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { addSent, type LoadPlan } from './load-plan.ts'
import { runLoad } from './run-load.ts'

const TRACE = [
  { offsetMs: 0, tokensIn: 10, tokensOut: 1 },
  { offsetMs: 1, tokensIn: 20, tokensOut: 2 },
]

interface Event {
  readonly event_id: string
  readonly tokens_in: number
}

type Behaviour = (request: number, socket: Socket) => 'take' | 'take-and-break' | 'break' | 503

/** An edge that keeps what it took, by id. */
function fakeEdge(behave: Behaviour) {
  const taken = new Map<string, number>()
  let requests = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const events = [JSON.parse(Buffer.concat(chunks).toString())].flat() as Event[]
      const what = behave(requests++, request.socket)
      if (what === 'take' || what === 'take-and-break') for (const e of events) taken.set(e.event_id, e.tokens_in)
      if (what === 'break' || what === 'take-and-break') return request.socket.destroy()
      const body = what === 503 ? '{}' : `{"accepted":${events.length},"rejected":[],"event_ids":[]}`
      return response.writeHead(what === 503 ? 503 : 202, { 'content-length': body.length }).end(body)
    })
  })
  return { server, taken }
}

let open: Server | null = null
afterEach(() => open?.close())

async function runAgainst(behave: Behaviour, change: Partial<LoadPlan>) {
  const { server, taken } = fakeEdge(behave)
  open = server
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const plan: LoadPlan = {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    path: '/v1/ingest',
    connections: 3,
    ratePerSecond: null,
    durationMs: 60_000,
    eventsMax: 60,
    batch: 2,
    ids: 'uuid',
    users: 5,
    models: 2,
    retry: false,
    ...change,
  }
  return { result: await runLoad(plan, TRACE), taken }
}

describe('runLoad', () => {
  it('sends as many events as were asked for and says what was taken', async () => {
    const { result, taken } = await runAgainst(() => 'take', {})
    expect(taken.size).toBe(result.accepted)
    // Requests that were under way when the last was due still count.
    expect(result.accepted).toBe(60)
    expect(result.tokensIn).toBe([...taken.values()].reduce((a, b) => a + b, 0))
    const ids = [...taken.keys()].reduce((sum, id) => (sum + Number.parseInt(id.slice(-8), 16)) % 2 ** 32, 0)
    expect(result.idSum).toBe(ids)
    expect(result).toMatchObject({ requests: 30, refused: {}, retries: 0, dropped: 0 })
  })

  it('counts refusals by status and leaves them out of the sums', async () => {
    const { result, taken } = await runAgainst((n) => (n % 3 === 0 ? 503 : 'take'), {})
    expect(result.refused).toEqual({ 503: 10 })
    expect(result.accepted).toBe(taken.size)
  })

  it('sends the same events again until they are taken, over broken connections and refusals', async () => {
    const outcomes = ['take', 'break', 503, 'take-and-break', 'take', 'take'] as const
    const { result, taken } = await runAgainst((n) => outcomes[n % outcomes.length] ?? 'take', { retry: true })
    expect(taken.size).toBe(60)
    expect(result).toMatchObject({ accepted: 60, refused: {} })
    expect(result.retries).toBeGreaterThan(0)
    expect(result.tokensIn).toBe([...taken.values()].reduce((a, b) => a + b, 0))
  })

  it('fails when a connection breaks and nothing was said of retries', async () => {
    await expect(runAgainst((n) => (n === 5 ? 'break' : 'take'), {})).rejects.toThrow('closed a connection')
  })

  it('sends what is due at a fixed rate, all of it', async () => {
    const { result } = await runAgainst(() => 'take', { ratePerSecond: 200, durationMs: 500, eventsMax: null })
    expect(result).toMatchObject({ requests: 100, accepted: 200, dropped: 0 })
  })
})

it('addSent adds runs up, the sum of ids modulo 2^32', () => {
  const run = { accepted: 2, tokensIn: 3, tokensOut: 4, idSum: 2 ** 32 - 1 }
  expect(addSent([run, run])).toEqual({ accepted: 4, tokensIn: 6, tokensOut: 8, idSum: 2 ** 32 - 2 })
})
