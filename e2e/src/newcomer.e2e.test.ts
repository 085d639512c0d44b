/** What a newcomer does after `npm start`, word for word: the curl, and the number comes out explained. */
import { createClient } from '@clickhouse/client'
import { dailyAnswer, eventsAnswer, explainAnswer, health, ingestAnswer, today } from '@ecomind/schemas'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getJson } from './harness/api-client.ts'
import { createProduct, type Product } from './harness/product.ts'
import { querySql } from './harness/sql-client.ts'
import { waitFor } from './harness/wait-for.ts'

const BODY =
  '{"org_id":"org_demo","user_id":"user_alice","provider":"openai","model":"gpt-4o","tokens_in":100,"tokens_out":50,"region":"US-CAISO","ts":"2025-09-30T12:00:00Z"}'

let product: Product
let eventId = ''

beforeAll(async () => {
  product = await createProduct()
  const supervisor = await product.start('supervisor')
  await waitFor('the ready line', () => supervisor.output().includes('Ecomind is ready'))
}, 300_000)
afterAll(() => product?.dispose())

const day = { org_id: 'org_demo', from: '2025-09-30', to: '2025-10-01' }

describe('a newcomer', () => {
  it('reads the address of the page and a curl that sends a first event', async () => {
    const output = product.running('supervisor')?.output() ?? ''
    expect(output).toContain(`Ecomind is ready: http://127.0.0.1:${product.ports.api}`)
    expect(output).toContain(`curl -X POST http://localhost:${product.ports.edge}/v1/ingest`)
    const printed = /-d '(\{.*\})'/.exec(output)?.[1]
    expect(JSON.parse(printed ?? '')).toMatchObject({ org_id: 'org_demo', model: 'gpt-4o' })
  })

  it('gets 202 and an id for the first event', async () => {
    const answer = await fetch(`${product.edgeUrl}/v1/ingest`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: BODY,
    })
    expect(answer.status).toBe(202)
    const told = ingestAnswer.parse(await answer.json())
    expect(told).toMatchObject({ accepted: 1, rejected: [] })
    eventId = told.event_ids[0] ?? ''
    expect(eventId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
  })

  it('finds the product healthy under localhost too', async () => {
    const answer = await getJson(`http://localhost:${product.ports.api}`, '/health', health)
    expect(answer.status).toBe('ok')
  })

  it('finds the event in the daily row of its day, with a range on every number', async () => {
    const answer = await waitFor('the event in /v1/aggregate/daily', async () => {
      const daily = await getJson(product.apiUrl, '/v1/aggregate/daily', dailyAnswer, day)
      return daily.totals.calls > 0 ? daily : null
    })
    expect(answer.items).toHaveLength(1)
    const item = answer.items[0]
    expect(item).toMatchObject({ date: '2025-09-30', calls: 1, tokens_in: 100, tokens_out: 50 })
    for (const unit of ['kwh', 'water_l', 'co2_kg'] as const) {
      const [low, central, high] = [item?.[`${unit}_low`] ?? 0, item?.[unit] ?? 0, item?.[`${unit}_high`] ?? 0]
      expect(low).toBeGreaterThan(0)
      expect(central).toBeGreaterThan(low)
      expect(high).toBeGreaterThan(central)
    }
  })

  it('gets an answer for today, without the event of last year', async () => {
    const answer = await getJson(product.apiUrl, '/v1/today', today, { org_id: 'org_demo', user_id: 'user_alice' })
    expect(answer).toMatchObject({ org_id: 'org_demo', user_id: 'user_alice', calls: 0, kwh: 0 })
    expect(answer.date).toBe(new Date().toISOString().slice(0, 10))
  })

  it('counts an event of now in today', async () => {
    await fetch(`${product.edgeUrl}/v1/ingest`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...(JSON.parse(BODY) as object), ts: Date.now(), user_id: 'user_now' }),
    })
    const query = { org_id: 'org_demo', user_id: 'user_now' }
    await waitFor('the event in /v1/today', async () => {
      return (await getJson(product.apiUrl, '/v1/today', today, query)).calls === 1
    })
  })

  it('gets the number explained down to its sources, and the steps give it again', async () => {
    const path = `/v1/events/${eventId}/explain`
    const answer = await getJson(product.apiUrl, path, explainAnswer, { org_id: 'org_demo' })
    expect(answer.reproduced).toBe(true)
    expect(answer.event).toMatchObject({
      event_id: eventId,
      model: 'gpt-4o',
      region: 'US-CAISO',
      region_inferred: false,
    })
    expect(answer.sources.length).toBeGreaterThan(0)
    for (const source of answer.sources) {
      expect(source.licence).not.toBe('')
      expect(source.year).toBeGreaterThan(2000)
    }
    const named = new Set(answer.sources.map((s) => s.id))
    const used = answer.steps.flatMap((s) => s.inputs.flatMap((i) => i.source_ids))
    expect(used.length).toBeGreaterThan(0)
    expect(used.filter((id) => !named.has(id))).toEqual([])
    const results = answer.steps.map((s) => s.result.central)
    for (const value of [answer.event.kwh, answer.event.water_l, answer.event.co2_kg])
      expect(results.some((r) => Math.abs(r - value) <= 1e-12)).toBe(true)
  })

  it('lists the event among the raw ones', async () => {
    const answer = await getJson(product.apiUrl, '/v1/events', eventsAnswer, { ...day })
    expect(answer.items.map((e) => e.event_id)).toEqual([eventId])
  })

  it('asks the SQL port as curl does', async () => {
    const url = `http://localhost:${product.ports.sql}/?query=${encodeURIComponent('SELECT model, toString(sum(kwh)) FROM usage_events WHERE event_id = {id:String} GROUP BY model')}&param_id=${eventId}`
    const answer = await fetch(url)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toMatch(/^gpt-4o\t0\.0\d+\n$/)
    expect(await querySql(product.sqlUrl, 'SELECT count() > 0 FROM ecomind.usage_1d')).toEqual([[1]])
  })

  it('asks the SQL port with @clickhouse/client over HTTP', async () => {
    const client = createClient({ url: `http://127.0.0.1:${product.ports.sql}`, database: 'ecomind' })
    try {
      expect(await client.ping()).toMatchObject({ success: true })
      const result = await client.query({
        query: 'SELECT event_id, tokens_in FROM usage_events WHERE event_id = {id:String}',
        query_params: { id: eventId },
        format: 'JSONEachRow',
      })
      expect(await result.json()).toEqual([{ event_id: eventId, tokens_in: 100 }])
      await expect(client.command({ query: 'DROP TABLE usage_events' })).rejects.toThrow()
      await expect(
        client.insert({ table: 'usage_events', values: [{ event_id: 'x' }], format: 'JSONEachRow' }),
      ).rejects.toThrow()
    } finally {
      await client.close()
    }
  })

  it('opens the page, the OpenAPI document and its rendering', async () => {
    for (const [path, type] of [
      ['/', 'text/html'],
      ['/docs', 'text/html'],
      ['/v1/openapi.json', 'application/json'],
    ] as const) {
      const answer = await fetch(`${product.apiUrl}${path}`)
      expect([path, answer.status]).toEqual([path, 200])
      expect(answer.headers.get('content-type')).toContain(type)
    }
  })
})
