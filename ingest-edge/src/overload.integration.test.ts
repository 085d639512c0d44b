import { LogUnavailableError } from '@ecomind/event-log'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type EdgeFixture, readEvents, readMetric, startTestEdge } from '../test-support/edge-fixture.ts'
import { ingestBytes, openRawClient, sendRaw } from '../test-support/raw-client.ts'
import { testEngines } from '../test-support/test-engines.ts'
import { validEvent } from '../test-support/valid-event.ts'

const JSON_TYPE = 'Content-Type: application/json'
const event = (change: Record<string, unknown> = {}) => JSON.stringify(validEvent({ ts: Date.now(), ...change }))
const codeOf = (body: string | undefined) => (JSON.parse(body ?? '{}') as { error?: { code: string } }).error?.code
const metric = (edge: EdgeFixture, name: string, value: number) =>
  vi.waitFor(async () => expect(await readMetric(edge.port, name)).toBe(value), { timeout: 60_000 })

describe.each(testEngines())('the edge under load and with slow clients, $name engine', ({ httpEngine }) => {
  const fixtures: EdgeFixture[] = []
  const start = async (...[change, deps]: Parameters<typeof startTestEdge>) => {
    const fixture = await startTestEdge({ httpEngine, ...change }, deps)
    fixtures.push(fixture)
    return fixture
  }
  afterEach(async () => {
    for (const fixture of fixtures.splice(0)) await fixture.stop()
  })

  it('answers 503 overloaded while too many bytes are in flight, and takes events again afterwards', async () => {
    const edge = await start({ inFlightBytesMax: 8000 })
    const slow = await openRawClient(edge.port)
    slow.send(ingestBytes('[', [JSON_TYPE, 'Content-Length: 6000']))
    await metric(edge, 'ecomind_edge_in_flight_bytes', 7024)
    const refused = await sendRaw(edge.port, ingestBytes(event()))
    expect([refused?.status, codeOf(refused?.body), refused?.headers.get('retry-after')]).toEqual([
      503,
      'overloaded',
      '1',
    ])
    slow.destroy()
    await metric(edge, 'ecomind_edge_in_flight_bytes', 0)
    expect((await sendRaw(edge.port, ingestBytes(event())))?.status).toBe(202)
  })

  it('answers 408 to a body that does not come, whether it began or not', async () => {
    const edge = await start({ bodyStallMs: 150 })
    for (const body of ['', '{"org_id":']) {
      const client = await openRawClient(edge.port)
      client.send(ingestBytes(body, [JSON_TYPE, 'Content-Length: 500']))
      const answer = await client.answer()
      expect([answer?.status, codeOf(answer?.body)]).toEqual([408, 'request_timeout'])
      await client.closed
    }
    await metric(edge, 'ecomind_edge_in_flight_bytes', 0)
  })

  it('takes a body that comes byte by byte as long as it keeps coming', async () => {
    const edge = await start()
    const client = await openRawClient(edge.port)
    const body = event({ event_id: 'in-pieces-1' })
    client.send(ingestBytes('', [JSON_TYPE, `Content-Length: ${Buffer.byteLength(body)}`]))
    for (const character of body) {
      client.send(character)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await client.answer())?.status).toBe(202)
    client.destroy()
  })

  it('forgets a client that goes away in the middle of its body', async () => {
    const edge = await start()
    const client = await openRawClient(edge.port)
    client.send(ingestBytes('{"org', [JSON_TYPE, 'Content-Length: 500']))
    await metric(edge, 'ecomind_edge_in_flight_bytes', 1524)
    client.destroy()
    await metric(edge, 'ecomind_edge_requests_aborted_total', 1)
    await metric(edge, 'ecomind_edge_in_flight_bytes', 0)
  })

  it('keeps the events of a client that goes away behind its body', async () => {
    const edge = await start({ flushDelayMs: 300 })
    const client = await openRawClient(edge.port)
    client.send(ingestBytes(event({ event_id: 'left-early-1' })))
    await metric(edge, 'ecomind_edge_in_flight_bytes', 1024 + Buffer.byteLength(event({ event_id: 'left-early-1' })))
    client.destroy()
    await metric(edge, 'ecomind_edge_in_flight_bytes', 0)
    expect((await readEvents(edge.log)).map((e) => e.event_id)).toEqual(['left-early-1'])
  })

  it('answers a client that still sends a body that was refused', async () => {
    const edge = await start()
    const answer = await fetch(`http://127.0.0.1:${edge.port}/v1/ingest`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.alloc(20_000_000, 0x20),
    })
    expect(answer.status).toBe(413)
    await answer.text()
  })

  it('answers 503 log_full with a pause, says so in /health and recovers nothing it did not take', async () => {
    const edge = await start({}, { logBytesMax: 20_000 })
    const tags = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`key-${i + 10}`, 'x'.repeat(256)]))
    let accepted = 0
    let last = await sendRaw(edge.port, ingestBytes(event({ tags })))
    for (; last?.status === 202; accepted++) last = await sendRaw(edge.port, ingestBytes(event({ tags })))
    expect([last?.status, codeOf(last?.body)]).toEqual([503, 'log_full'])
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0)
    const health = await fetch(`http://127.0.0.1:${edge.port}/health`)
    expect([health.status, ((await health.json()) as { status: string }).status]).toEqual([200, 'degraded'])
    expect(await readEvents(edge.log)).toHaveLength(accepted)
  })

  it('answers 503 log_unavailable when the log fails, logs it without the event, and is down in /health', async () => {
    const broken = {
      partitions: 2,
      append: () => Promise.reject(new LogUnavailableError('append: disk gone', true)),
      stats: async () => [],
    }
    const edge = await start({}, { log: broken })
    const answer = await sendRaw(edge.port, ingestBytes(event({ user_id: 'CANARY-user' })))
    expect([answer?.status, codeOf(answer?.body), answer?.headers.get('retry-after')]).toEqual([
      503,
      'log_unavailable',
      '2',
    ])
    expect((await fetch(`http://127.0.0.1:${edge.port}/health`)).status).toBe(503)
    expect(edge.lines.join('')).toContain('disk gone')
    expect(edge.lines.join('')).not.toContain('CANARY-user')
  })

  it('lets pages of listed origins in and no others', async () => {
    const edge = await start({ corsOrigins: ['https://app.example'] })
    const ask = async (method: string, origin: string) => {
      const init =
        method === 'POST'
          ? { body: event(), headers: { origin, 'content-type': 'application/json' } }
          : { headers: { origin } }
      const answer = await fetch(`http://127.0.0.1:${edge.port}/v1/ingest`, { method, ...init })
      await answer.text()
      return [
        answer.status,
        answer.headers.get('access-control-allow-origin'),
        answer.headers.get('access-control-allow-methods'),
      ]
    }
    expect(await ask('OPTIONS', 'https://app.example')).toEqual([204, 'https://app.example', 'POST'])
    expect(await ask('POST', 'https://app.example')).toEqual([202, 'https://app.example', null])
    expect(await ask('OPTIONS', 'https://evil.example')).toEqual([204, null, null])
    expect(await ask('POST', 'https://evil.example')).toEqual([202, null, null])
    expect(await ask('GET', 'https://app.example')).toEqual([405, 'https://app.example', null])
  })

  it('gives the same counts in /metrics as in its answers, with no label a client chooses', async () => {
    const edge = await start()
    const body = `[${event({ user_id: 'label-user' })},${event()},{"prompt":1}]`
    await sendRaw(edge.port, ingestBytes(body))
    await sendRaw(edge.port, ingestBytes('[]'))
    expect(await readMetric(edge.port, 'ecomind_edge_events_accepted_total')).toBe(2)
    expect(await readMetric(edge.port, 'ecomind_edge_events_rejected_total{code="content_not_allowed"}')).toBe(1)
    expect(await readMetric(edge.port, 'ecomind_edge_answers_total{status="400"}')).toBe(1)
    expect(await readMetric(edge.port, 'ecomind_edge_append_events_sum')).toBe(2)
    const text = await (await fetch(`http://127.0.0.1:${edge.port}/metrics`)).text()
    expect(text).not.toMatch(/label-user|org_demo|user_alice/)
  })
})
