import { afterEach, describe, expect, it } from 'vitest'
import { type EdgeFixture, readMetric, startTestEdge } from '../test-support/edge-fixture.ts'
import { ingestBytes, sendRaw } from '../test-support/raw-client.ts'
import { testEngines } from '../test-support/test-engines.ts'
import { validEvent } from '../test-support/valid-event.ts'
import { type Authorise, authoriseLocally, type Grant } from './authorise.ts'
import type { Budget } from './limits/account.ts'

const JSON_TYPE = 'Content-Type: application/json'
const BROKEN = 'Authorization: broken'

const boom = () => {
  throw new Error('secret detail')
}

describe.each(testEngines())('a fault of the edge, $name engine', ({ httpEngine }) => {
  let edge: EdgeFixture
  afterEach(() => edge.stop())

  async function start(grantBroken: () => Grant): Promise<void> {
    const authorise: Authorise = (header, nowMs) =>
      header === 'broken' ? grantBroken() : authoriseLocally(header, nowMs)
    const none = () => 0
    const gauges = { keys: none, revision: none, ageSeconds: none, limitsShared: null }
    const keyCheck = { authorise, health: () => ({}), gauges, stop: async () => {} }
    edge = await startTestEdge({ httpEngine, mode: 'production', flushDelayMs: 50 }, { keyCheck })
  }
  async function send(...headers: readonly string[]) {
    const event = JSON.stringify(validEvent({ ts: Date.now() }))
    return await sendRaw(edge.port, ingestBytes(event, [JSON_TYPE, ...headers]))
  }

  it('is answered 500 with the id of its one log line and without detail, and the next request is taken', async () => {
    await start(boom)
    const answer = await send(BROKEN, 'X-Request-Id: mine-1')
    expect([answer?.status, answer?.headers.get('x-request-id')]).toEqual([500, 'mine-1'])
    expect(JSON.parse(answer?.body ?? '')).toEqual({
      error: { code: 'internal', message: expect.not.stringContaining('secret'), request_id: 'mine-1' },
    })
    const lines = edge.lines.filter((line) => line.includes('secret detail'))
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ requestId: 'mine-1' }])
    expect((await send())?.status).toBe(202)
  })

  it('behind the flush fails its request alone and gives its memory back', async () => {
    const budget = {
      takeRequest: () => null,
      takeEvents: () => null,
      giveBack: () => {},
      headers: boom,
    } as unknown as Budget
    await start(() => ({ kind: 'granted', orgId: 'org_demo', orgIsImplied: false, budget }))
    const answers = await Promise.all([send(BROKEN), send(), send(BROKEN), send()])
    expect(answers.map((answer) => answer?.status)).toEqual([500, 202, 500, 202])
    expect(await readMetric(edge.port, 'ecomind_edge_in_flight_bytes')).toBe(0)
  })
})
