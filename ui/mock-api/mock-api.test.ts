// @vitest-environment node

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorBody, eventsAnswer, explainAnswer, liveMessage, today, usageAnswer } from '@ecomind/schemas'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SCENARIO_COOKIE, type Scenario } from './scenarios.ts'
import { type MockServer, startMockServer } from './start-mock-server.ts'

const NOW_MS = Date.parse('2026-03-12T14:37:20Z')
const PERIOD = 'from=2026-03-11T23:00:00Z&to=2026-03-12T14:45:00Z&tz=Europe/Berlin'

let server: MockServer
beforeAll(async () => {
  const distDir = mkdtempSync(join(tmpdir(), 'ecomind-mock-'))
  server = await startMockServer({ distDir, now: () => NOW_MS, slowMs: 1, liveEveryMs: 60_000 })
})
afterAll(() => server.close())

async function get(path: string, scenario: Scenario): Promise<{ status: number; body: unknown }> {
  const response = await fetch(server.url + path, { headers: { cookie: `${SCENARIO_COOKIE}=${scenario}` } })
  return { status: response.status, body: await response.json() }
}

describe.each(['sample', 'empty', 'slow', 'long-names'] as const)('mock API, scenario %s', (scenario) => {
  test('today has the shape of the schemas', async () => {
    const { body } = await get('/v1/today?org_id=org_demo&tz=Europe/Berlin', scenario)
    expect(today.parse(body)).toMatchObject({ date: '2026-03-12', tz: 'Europe/Berlin' })
  })

  test.each(['window=15m', 'group_by=model', 'window=1d&group_by=user_id', 'compare=previous&window=1h'])(
    'usage with %s has the shape of the schemas',
    async (question) => {
      const { body } = await get(`/v1/usage?org_id=org_demo&${PERIOD}&${question}`, scenario)
      usageAnswer.parse(body)
    },
  )

  test('every event of the list can be explained, in the shape of the schemas', async () => {
    const { items } = eventsAnswer.parse((await get('/v1/events?org_id=org_demo&limit=20', scenario)).body)
    expect(items).toHaveLength(scenario === 'empty' ? 0 : 20)
    for (const item of items.slice(0, 3)) {
      const { body } = await get(`/v1/events/${encodeURIComponent(item.event_id)}/explain?org_id=org_demo`, scenario)
      expect(explainAnswer.parse(body).event).toEqual(item)
    }
  })
})

describe('mock API', () => {
  test('live sends messages in the shape of the schemas', async () => {
    const stop = new AbortController()
    const response = await fetch(`${server.url}/v1/live?org_id=org_demo`, { signal: stop.signal })
    const { value } = (await response.body?.pipeThrough(new TextDecoderStream()).getReader().read()) ?? {}
    stop.abort()
    const data = /^data: (.*)$/m.exec(value ?? '')?.[1]
    liveMessage.parse(JSON.parse(data ?? ''))
  })

  test('the sums of windows and of groups equal the totals', async () => {
    const ask = async (question: string) =>
      usageAnswer.parse((await get(`/v1/usage?org_id=org_demo&${PERIOD}&${question}`, 'sample')).body)
    for (const question of ['window=15m', 'window=1d', 'group_by=model', 'group_by=region,user_id']) {
      const { items, totals } = await ask(question)
      expect(items.reduce((sum, item) => sum + item.calls, 0)).toBe(totals.calls)
      expect(items.reduce((sum, item) => sum + item.kwh, 0)).toBeCloseTo(totals.kwh, 9)
    }
  })

  test('filters keep and drop', async () => {
    const path = `/v1/usage?org_id=org_demo&${PERIOD}&group_by=model`
    const { body } = await get(`${path}&filter=provider:openai&filter=-model:o3`, 'sample')
    const models = usageAnswer.parse(body).items.map((item) => item.model)
    expect(models).toEqual(['gpt-4o', 'gpt-4o-mini'])
  })

  test('the same clock gives the same answers', async () => {
    const again = await startMockServer({ distDir: tmpdir(), now: () => NOW_MS })
    try {
      const path = `/v1/usage?org_id=org_demo&${PERIOD}&window=1h`
      expect(await (await fetch(again.url + path)).json()).toEqual((await get(path, 'sample')).body)
    } finally {
      await again.close()
    }
  })

  test('the scenario error fails in the shape of the schemas, with a request id', async () => {
    const { status, body } = await get(`/v1/usage?org_id=org_demo&${PERIOD}`, 'error')
    expect(status).toBe(503)
    expect(errorBody.parse(body).error.request_id).not.toBe('')
  })

  test('another organisation and a broken period are refused as the API refuses them', async () => {
    expect((await get('/v1/events?org_id=other', 'sample')).status).toBe(404)
    expect((await get('/v1/usage?org_id=org_demo&from=x&to=y', 'sample')).status).toBe(400)
  })

  test('a posted event ends the scenario empty', async () => {
    const event = {
      user_id: 'u',
      provider: 'openai',
      model: 'gpt-4o',
      tokens_in: 100,
      tokens_out: 50,
      ts: '2026-03-12T14:00:00Z',
    }
    await fetch(`${server.url}/v1/ingest`, { method: 'POST', body: JSON.stringify(event) })
    const { body } = await get('/v1/events?org_id=org_demo', 'empty')
    expect(eventsAnswer.parse(body).items).toHaveLength(1)
    server.api.store.reset()
  })
})
