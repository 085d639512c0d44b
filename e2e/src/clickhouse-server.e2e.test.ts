/**
 * The whole product with CLICKHOUSE_URL set: tables, loading, answers, rebuilds and a recomputation over HTTP, on a server
 * that is killed in the middle. The server is a front over the engine in a process of its own, behind a TCP proxy.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FrontProcess, openTcpProxy, startFrontProcess, type TcpProxy } from '@ecomind/clickhouse/testing'
import { LOCAL_ORG_ID, recomputation, recomputationAnswer, usageAnswer } from '@ecomind/schemas'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { getJson } from './harness/api-client.ts'
import { someTraffic } from './harness/chaos.ts'
import type { Product } from './harness/product.ts'
import { expectExactlyOnce, figures, say, startBoth, startClients, withProduct } from './harness/scenario.ts'
import { waitFor } from './harness/wait-for.ts'

const DAY_MS = 86_400_000

let folder: string
let front: FrontProcess
let proxy: TcpProxy
const startFront = (): Promise<FrontProcess> => startFrontProcess(join(folder, 'data'), join(folder, 'spool'))

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clickhouse-server-'))
  front = await startFront()
  proxy = await openTcpProxy(front.port)
})
afterEach(async () => {
  await proxy.close()
  await front.close()
  await rm(folder, { recursive: true, force: true })
})

async function post(product: Product, path: string, body: object): Promise<unknown> {
  const answer = await fetch(`${product.apiUrl}${path}?org_id=${LOCAL_ORG_ID}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect([200, 201, 202]).toContain(answer.status)
  return await answer.json()
}

const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
const period = { from: isoDay(Date.now() - 40 * DAY_MS), to: isoDay(Date.now() + DAY_MS) }

const totals = async (product: Product, generation?: string) => {
  const query = { org_id: LOCAL_ORG_ID, ...period, tz: 'UTC', ...(generation === undefined ? {} : { generation }) }
  return (await getJson(product.apiUrl, '/v1/usage', usageAnswer, query)).totals
}

/** Under a factor of the organisation's own, so that numbers change. */
async function recompute(product: Product): Promise<void> {
  await post(product, '/v1/factors', {
    provider: 'openai',
    model: 'gpt-4o',
    energy: { form: 'call', boundary: 'facility', kwh_per_call: { low: 0.1, central: 0.25, high: 0.5 } },
    valid_from: '2026-01-01T00:00:00Z',
    tier: 'B',
    evidence: { text: 'Meter of our rack', url: 'https://example.org/meter' },
  })
  const before = await totals(product)
  const asked = { org_id: LOCAL_ORG_ID, ...period, mode: 'run' }
  const { run } = recomputationAnswer.parse(await post(product, '/v1/recomputations', asked))
  const done = await waitFor('the recomputation', async () => {
    const path = `/v1/recomputations/${run?.id}`
    const now = await getJson(product.apiUrl, path, recomputation, { org_id: LOCAL_ORG_ID })
    if (now.state === 'failed') throw new Error(JSON.stringify(now))
    return now.state === 'done' ? now : null
  })
  expect(done.generation).toBe(1)
  const after = await totals(product)
  expect(after.calls).toBe(before.calls)
  expect(after.kwh).not.toBe(before.kwh)
  expect(await totals(product, '0')).toEqual(before)
}

describe('a ClickHouse server in place of the engine in process', () => {
  it('is migrated, loaded and asked over HTTP, loses and doubles nothing when it is killed, and is recomputed', async () => {
    const env = { CLICKHOUSE_URL: `http://127.0.0.1:${proxy.port}`, CLICKHOUSE_REQUEST_MS: '10000' }
    await withProduct(
      'clickhouse-server',
      async (given) => {
        const product: Product = {
          ...given.product,
          get sqlUrl() {
            return front.sqlUrl
          },
        }
        const scenario = { ...given, product }
        await startBoth(product)
        const traffic = startClients(scenario)
        for (let kill = 0; kill < 3; kill++) {
          await someTraffic({ ...scenario, traffic })
          await front.kill()
          await someTraffic({ ...scenario, traffic })
          front = await startFront()
          proxy.target(front.port)
        }
        await someTraffic({ ...scenario, traffic })
        await traffic.finish()
        const verdict = await expectExactlyOnce(scenario)
        say(figures(scenario, verdict))
        await recompute(product)
      },
      { env },
    )
  })

  it('that is not there, or lets nobody in, ends the start with a sentence that says what to mend', async () => {
    await withProduct('clickhouse-server-away', async ({ product }) => {
      const core = await product.launch('core', { env: { CLICKHOUSE_URL: 'http://127.0.0.1:1' } })
      expect((await core.exited).code).not.toBe(0)
      expect(product.output()).toMatch(/open ClickHouse at 127\.0\.0\.1:1: nobody listens there: check CLICKHOUSE_URL/)
    })
  })
})
