/**
 * The product on a real Kafka with a real schema registry, told as one story: registered once, killed, gone, emptied, a
 * newer version in mid-stream, an id that nobody knows and its replay. Every event that was accepted is stored once.
 */
import { openLog } from '@ecomind/event-log'
import { createTestTopic, type TestTopic } from '@ecomind/event-log/testing/kafka'
import { partitionOf, type UsageEvent } from '@ecomind/schemas'
import { encodeBatchAs, NEXT_SCHEMA_TEXT, schemaWith } from '@ecomind/schemas/testing/versions'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createProduct, type Product } from './harness/product.ts'
import { startRegistry, type TestRegistry } from './harness/schema-registry.ts'
import { querySql, quote } from './harness/sql-client.ts'
import { waitFor } from './harness/wait-for.ts'

const PARTITIONS = 2
/** Schemas of others in the same registry, so that our first id is none that an emptied registry would give again. */
const OTHERS = 4
const SHADE_SCHEMA = schemaWith({ name: 'shade', type: ['null', 'string'], default: null })

interface RegistryCheck {
  readonly status: string
  readonly detail?: string
  readonly own_id: number | null
}

let registry: TestRegistry
let topic: TestTopic
let subject: string
const products: Product[] = []
const sent: string[] = []

beforeAll(async () => {
  registry = await startRegistry()
  topic = await createTestTopic(inject('kafkaBrokers'), PARTITIONS)
  subject = `${topic.options.topic}-value`
  for (let i = 0; i < OTHERS; i++) await registry.register(`other-${i}`, `{"type":"fixed","name":"F","size":${i + 1}}`)
})
afterAll(async () => {
  await Promise.all(products.map((product) => product.dispose()))
  await topic?.remove()
  await registry?.remove()
})

async function product(): Promise<Product> {
  const made = await createProduct({
    env: {
      KAFKA_BROKERS: topic.options.brokers.join(),
      KAFKA_TOPIC: topic.options.topic,
      KAFKA_SESSION_MS: '1500',
      ECOMIND_LOG_PARTITIONS: String(PARTITIONS),
      SCHEMA_REGISTRY_URL: registry.url,
      SCHEMA_REGISTRY_WAIT_MS: '1000',
    },
  })
  products.push(made)
  return made
}

async function registryOf(url: string): Promise<RegistryCheck> {
  const { checks } = (await (await fetch(`${url}/health`)).json()) as { checks: { schema_registry: RegistryCheck } }
  return checks.schema_registry
}

function post(edge: Product, id: string): Promise<Response> {
  sent.push(id)
  const body = { org_id: 'org_demo', event_id: id, user_id: 'ann', provider: 'openai', model: 'gpt-4o' }
  const ts = new Date().toISOString()
  return fetch(`${edge.edgeUrl}/v1/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, tokens_in: 10, tokens_out: 5, ts }),
  })
}
async function accepted(edge: Product, ...ids: string[]): Promise<void> {
  for (const id of ids) expect((await post(edge, id)).status).toBe(202)
}

/** As an edge of a version that this one does not know. */
async function appendAs(schema: string, id: number, eventId: string): Promise<void> {
  const event: UsageEvent = {
    ...{ org_id: 'org_demo', event_id: eventId, user_id: 'ann', provider: 'openai', model: 'gpt-4o', ts: Date.now() },
    ...{ tokens_in: 10, tokens_out: 5, reasoning_separate: false, tags: {}, latency_ms: null, region: null },
    ...{ team_id: null, project_id: null, source: null, tokens_source: null, service_tier: null },
    ...{ tokens_cache_read: null, tokens_cache_write: null, tokens_reasoning: null },
  }
  const log = await openLog({ kind: 'kafka', ...topic.options })
  const value = encodeBatchAs(schema, id, Date.now(), [event])
  await log.append(partitionOf('org_demo', eventId, PARTITIONS), [{ value, arrivedAtMs: Date.now() }])
  await log.close()
}

async function copies(core: Product, id: string): Promise<number> {
  const [row] = await querySql(core.sqlUrl, `SELECT count() FROM ecomind.usage_events WHERE event_id = ${quote(id)}`)
  return Number(row?.[0])
}
const stored = (core: Product, id: string) => waitFor(`${id} to be stored`, async () => (await copies(core, id)) === 1)

async function api<T>(core: Product, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${core.apiUrl}${path}`, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json' },
  })
  return (await answer.json()) as T
}

describe('the product with a schema registry', () => {
  let main: Product
  let other: Product

  test('two edges and a core that start together register our schema once', async () => {
    ;[main, other] = [await product(), await product()]
    await Promise.all([main.start('edge'), other.start('edge'), main.start('core')])
    const ids = await Promise.all([main.edgeUrl, other.edgeUrl, main.apiUrl].map(registryOf))
    expect(ids).toEqual(Array.from({ length: 3 }, () => ({ status: 'ok', own_id: OTHERS + 1 })))
    expect(await registry.versions(subject)).toEqual([1])
    expect(await registry.level(subject)).toBe('BACKWARD_TRANSITIVE')
    await accepted(main, 'first-of-main')
    await accepted(other, 'first-of-other')
    for (const id of ['first-of-main', 'first-of-other']) await stored(main, id)
  })

  test('the registry is killed: edges and core go on, also after a kill of their own', async () => {
    await registry.kill()
    await accepted(main, 'down-of-main')
    await stored(main, 'down-of-main')
    main.running('core')?.signal('SIGKILL')
    other.running('edge')?.signal('SIGKILL')
    await Promise.all([main.running('core')?.exited, other.running('edge')?.exited])
    await Promise.all([main.start('core'), other.start('edge')])
    await accepted(other, 'down-of-other')
    await stored(main, 'down-of-other')
    expect(await registryOf(other.edgeUrl)).toMatchObject({ status: 'degraded', own_id: OTHERS + 1 })
    const metrics = await (await fetch(`${other.edgeUrl}/metrics`)).text()
    expect(metrics).toMatch(/ecomind_edge_schema_registry_up 0/)
  })

  test('an edge that has never met it refuses with a sentence and takes events once it is back, empty', async () => {
    const fresh = await product()
    const edge = await fresh.launch('edge')
    const refused = await waitFor('an answer of the fresh edge', () => post(fresh, 'refused-at-first'))
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/\d/)])
    expect(await refused.json()).toMatchObject({ error: { code: 'log_unavailable' } })
    expect(await registryOf(fresh.edgeUrl)).toMatchObject({ status: 'down', own_id: null })
    expect(edge.exit()).toBeNull()

    await registry.startEmpty()
    await waitFor('the fresh edge to take events', async () => (await post(fresh, 'after-empty')).status === 202)
    for (const one of [main.edgeUrl, other.edgeUrl, main.apiUrl, fresh.edgeUrl]) {
      await waitFor('the new id everywhere', async () => (await registryOf(one)).own_id === 1)
    }
    expect(await registry.versions(subject)).toEqual([1])
    await accepted(main, 'new-id-of-main')
    for (const id of ['after-empty', 'new-id-of-main']) await stored(main, id)
    await fresh.dispose()
  })

  test('a newer version in mid-stream is read while old edges write on', async () => {
    const id = await registry.register(subject, NEXT_SCHEMA_TEXT)
    await Promise.all([appendAs(NEXT_SCHEMA_TEXT, id, 'newer-version-1'), accepted(main, 'beside-newer')])
    sent.push('newer-version-1')
    for (const one of ['newer-version-1', 'beside-newer']) await stored(main, one)
  })

  test('an id that nobody knows goes to quarantine, the same after a kill, and is stored once when it is known', async () => {
    const next = Math.max(...(await Promise.all([registry.register(subject, NEXT_SCHEMA_TEXT)]))) + 1
    await main.stop('core')
    await appendAs(SHADE_SCHEMA, next, 'unknown-1')
    await accepted(main, 'behind-unknown')
    const dying = await main.launch('core', { env: { ECOMIND_FAULT_POINT: 'after-intent:1' } })
    expect(await dying.exited).toMatchObject({ signal: 'SIGKILL' })

    expect(await registry.register('shades', SHADE_SCHEMA)).toBe(next)
    await main.start('core')
    await stored(main, 'behind-unknown')
    type List = { items: { id: string; reason: string; state: string }[] }
    const list = () => api<List>(main, '/v1/quarantine?org_id=org_demo&reason=unknown_schema')
    const [row] = await waitFor('the row in quarantine', async () => {
      const { items } = await list()
      return items.length > 0 && items
    })
    expect(row).toMatchObject({ reason: 'unknown_schema', state: 'open' })
    expect(await copies(main, 'unknown-1')).toBe(0)

    type Replay = { items: { outcome: string }[] }
    const replay = (dry_run: boolean) =>
      api<Replay>(main, '/v1/quarantine/replay?org_id=org_demo', { ids: [row?.id], dry_run })
    expect((await replay(true)).items).toMatchObject([{ outcome: 'would_store' }])
    expect((await replay(false)).items).toMatchObject([{ outcome: 'replayed' }])
    await stored(main, 'unknown-1')
    expect((await replay(false)).items).toMatchObject([{ outcome: 'already_replayed' }])
    expect((await list()).items).toHaveLength(1)
  })

  test('in the end every accepted event is there once', async () => {
    const ids = [...new Set(sent)].filter((id) => id !== 'refused-at-first')
    for (const id of ids) expect([id, await copies(main, id)]).toEqual([id, 1])
    expect(await copies(main, 'refused-at-first')).toBe(0)
    await waitFor('a balanced account', async () => {
      const answer = await api<{ balanced: boolean }>(main, '/v1/reconciliation?org_id=org_demo')
      return answer.balanced
    })
  })
})
