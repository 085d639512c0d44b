/** Keys over real processes: two edges follow one API, go on without it, and learn what changed when it is back. */
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createProduct, type Product } from './harness/product.ts'
import { say } from './harness/scenario.ts'
import { waitFor } from './harness/wait-for.ts'

const ADMIN_KEY = `eco_a_${randomBytes(32).toString('base64url')}`
const ENV = {
  ECOMIND_MODE: 'production',
  ECOMIND_SECRET_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  ECOMIND_INIT_ORG_ID: 'acme',
  ECOMIND_INIT_OWNER_EMAIL: 'owner@acme.example',
  ECOMIND_INIT_OWNER_PASSWORD: randomBytes(12).toString('hex'),
  ECOMIND_INIT_ADMIN_KEY: ADMIN_KEY,
  API_HOST: '127.0.0.1',
  EDGE_HOST: '127.0.0.1',
}

interface MadeKey {
  readonly id: string
  readonly secret: string
}

describe('edges that check keys', () => {
  it('go on while the API is killed, also after a restart of their own, and follow it when it is back', async () => {
    const first = await createProduct({ env: ENV })
    const second = await createProduct({ env: { ...ENV, ECOMIND_CONTROL_URL: first.apiUrl } })
    try {
      await first.start('core')
      const before = await makeKey(first)
      await Promise.all([first.start('edge'), second.start('edge')])
      for (const { edgeUrl } of [first, second]) await waitForStatus(edgeUrl, before.secret, 202)
      expect(await statusOf(first.edgeUrl, null)).toBe(401)

      await first.running('core')?.kill()
      await second.running('edge')?.kill()
      await second.start('edge')
      for (const { edgeUrl } of [first, second]) expect(await statusOf(edgeUrl, before.secret)).toBe(202)

      await first.start('core')
      const after = await makeKey(first)
      expect((await ask(first, 'DELETE', `/v1/keys/${before.id}`)).status).toBe(200)
      for (const { edgeUrl } of [first, second]) {
        await waitForStatus(edgeUrl, before.secret, 401)
        await waitForStatus(edgeUrl, after.secret, 202)
      }
      await expectAtOnce(first, [first.edgeUrl, second.edgeUrl])
      const printed = first.output() + second.output()
      for (const secret of [before.secret, after.secret, ADMIN_KEY, ENV.ECOMIND_SECRET_KEYS.slice(3)])
        expect(printed).not.toContain(secret.slice(6))
    } catch (error) {
      say(`the end of the output: ${first.output().slice(-4000)}\n${second.output().slice(-4000)}`)
      throw error
    } finally {
      await second.dispose()
      await first.dispose()
    }
  })
})

/** The next request after the answer is judged by it, at every edge that hears the API. */
async function expectAtOnce(product: Product, edgeUrls: readonly string[]): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    const { id, secret } = await makeKey(product)
    for (const edgeUrl of edgeUrls) expect(await statusOf(edgeUrl, secret)).toBe(202)
    expect((await ask(product, 'DELETE', `/v1/keys/${id}`)).status).toBe(200)
    for (const edgeUrl of edgeUrls) expect(await statusOf(edgeUrl, secret)).toBe(401)
  }
}

function ask(product: Product, method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(`${product.apiUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

async function makeKey(product: Product): Promise<MadeKey> {
  const answer = await ask(product, 'POST', '/v1/keys', { name: 'sdk', scopes: ['ingest'] })
  expect(answer.status).toBe(201)
  return (await answer.json()) as MadeKey
}

async function statusOf(edgeUrl: string, secret: string | null): Promise<number> {
  const event = { user_id: 'u', provider: 'openai', model: 'gpt-4o', tokens_in: 1, tokens_out: 1, ts: Date.now() }
  const answer = await fetch(`${edgeUrl}/v1/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(secret === null ? {} : { authorization: `Bearer ${secret}` }) },
    body: JSON.stringify(event),
  })
  await answer.arrayBuffer()
  return answer.status
}

const waitForStatus = (edgeUrl: string, secret: string, status: number) =>
  waitFor(`${status} of ${edgeUrl}`, async () => (await statusOf(edgeUrl, secret)) === status)
