/**
 * An organisation's own factors along the whole path: they apply from the next event on, never to what is stored, and a
 * batch that was begun under them is redone under them, whatever the control store says by then.
 */
import { join } from 'node:path'
import { type ExplainAnswer, explainAnswer, LOCAL_ORG_ID, type OverrideItem, overrideItem } from '@ecomind/schemas'
import { type Database, openDatabase } from '@ecomind/serving-api'
import { describe, expect, it } from 'vitest'
import { getJson } from './harness/api-client.ts'
import { createProduct, type Product } from './harness/product.ts'
import { querySql, quote } from './harness/sql-client.ts'
import { waitFor } from './harness/wait-for.ts'

const SECOND = `INSERT INTO ecomind.factor_override_versions
  (org_id, id, version, override, created_by, created_at, deleted_at, org_revision, revision)
  SELECT org_id, id, version + 1, override, created_by, created_at, now(), org_revision + 1, revision + 1
  FROM ecomind.factor_override_versions ORDER BY revision DESC LIMIT 1`
const COUNTED = 'UPDATE ecomind.factor_override_counters SET revision = revision + 1'

async function send(product: Product, eventId: string): Promise<void> {
  const event = {
    event_id: eventId,
    org_id: LOCAL_ORG_ID,
    user_id: 'someone',
    provider: 'openai',
    model: 'gpt-4o',
    region: 'FR',
    tokens_in: 1000,
    tokens_out: 500,
    tokens_source: 'provider',
    ts: Date.now(),
  }
  const answer = await fetch(`${product.edgeUrl}/v1/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event),
  })
  expect(answer.status).toBe(202)
}

const explained = (product: Product, eventId: string): Promise<ExplainAnswer> =>
  waitFor(`event ${eventId}`, () =>
    getJson(product.apiUrl, `/v1/events/${eventId}/explain`, explainAnswer, { org_id: LOCAL_ORG_ID }),
  )

async function stated(product: Product, method: string, path: string, body: object): Promise<OverrideItem> {
  const answer = await fetch(`${product.apiUrl}/v1/factors${path}?org_id=${LOCAL_ORG_ID}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect([200, 201]).toContain(answer.status)
  return overrideItem.parse(await answer.json())
}

const perCall = (kwh: number) => ({
  form: 'call',
  boundary: 'facility',
  kwh_per_call: { low: kwh / 2, central: kwh, high: kwh * 2 },
})

/** While nobody else has it open. */
async function withControlStore(product: Product, work: (database: Database) => Promise<void>): Promise<void> {
  const database = await openDatabase({ kind: 'pglite', folder: join(product.dataDir, 'control') })
  try {
    await work(database)
  } finally {
    await database.close()
  }
}

async function storedOnce(product: Product, eventId: string): Promise<void> {
  const [row] = await querySql(
    product.sqlUrl,
    `SELECT count() FROM ecomind.usage_events WHERE event_id = ${quote(eventId)}`,
  )
  expect(Number(row?.[0])).toBe(1)
}

describe('factors of an organisation', () => {
  it('apply to the next events, leave the earlier ones, and survive kill -9 between intent and insert', async () => {
    const product = await createProduct()
    try {
      await product.start('core')
      await product.start('edge')
      await send(product, 'before-the-override')
      const before = await explained(product, 'before-the-override')
      expect(before.factor.id).toBe('openai/gpt-4o')

      const first = await stated(product, 'POST', '', {
        provider: 'openai',
        model: 'gpt-4o',
        energy: perCall(0.25),
        valid_from: '2026-01-01T00:00:00Z',
        tier: 'B',
        evidence: { text: 'Meter of our rack', url: 'https://example.org/meter' },
      })
      await send(product, 'under-the-override')
      const under = await explained(product, 'under-the-override')
      expect(under.factor).toMatchObject({ id: `override/${first.id}/1/openai/gpt-4o`, match: 'override', tier: 'B' })
      expect(under.factor_set).toBe(first.factor_set)
      expect(under.reproduced).toBe(true)
      expect(under.sources.map((s) => s.title)).toContain('Meter of our rack')
      expect(await explained(product, 'before-the-override')).toEqual(before)

      // The next batch dies right behind its intent; meanwhile the override is taken back behind the loader's back.
      await product.stop('core')
      const core = await product.start('core', { env: { ECOMIND_FAULT_POINT: 'after-intent:1' } })
      const second = await stated(product, 'PATCH', `/${first.id}`, { energy: perCall(0.75) })
      await send(product, 'killed-behind-its-intent')
      expect((await core.exited).signal).toBe('SIGKILL')
      await withControlStore(product, async (database) => {
        await database.query(SECOND)
        await database.query(COUNTED)
      })

      await product.start('core')
      const redone = await explained(product, 'killed-behind-its-intent')
      expect(redone.factor.id).toBe(`override/${first.id}/2/openai/gpt-4o`)
      expect(redone.factor_set).toBe(second.factor_set)
      expect(redone.reproduced).toBe(true)
      const [row] = await querySql(
        product.sqlUrl,
        `SELECT toFloat64(kwh) FROM ecomind.usage_events WHERE event_id = 'killed-behind-its-intent'`,
      )
      expect(row).toEqual([0.75])
      await send(product, 'after-it-was-taken-back')
      expect((await explained(product, 'after-it-was-taken-back')).factor.id).toBe('openai/gpt-4o')
      expect(await explained(product, 'under-the-override')).toEqual(under)
      for (const id of ['under-the-override', 'killed-behind-its-intent']) await storedOnce(product, id)
    } finally {
      await product.dispose()
    }
  })
})
