/**
 * Nearly all traffic is of one user, one model and one minute, under ids with one long prefix. No partition, window or
 * rollup row may suffer from it, nor anybody else's events.
 */
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import { describe, expect, it } from 'vitest'
import { getUsage } from './harness/api-client.ts'
import { createEventMaker, type EventMakerOptions } from './harness/event-maker.ts'
import type { SentEvent } from './harness/ledger.ts'
import { expectExactlyOnce, figures, type Scenario, say, startBoth, withProduct } from './harness/scenario.ts'
import { startTraffic } from './harness/traffic.ts'
import { waitFor } from './harness/wait-for.ts'

const TIMEOUT_MS = 1_200_000
const PARTITIONS = 4
const HOT_CLIENTS = 6
const COPIES = 8_000
/** A partition's share may differ from the mean by this much; by chance it differs by a few hundredths. */
const SHARE_TOLERANCE = 0.2
const MINUTE_MS = 60_000
/** Older than the lateness that is allowed (10 minutes), so that the minute is final as soon as the watermarks move. */
const HOT_MINUTE_AGO = 13
/** Ids nearly as long as they may be (64), alike up to the last characters. */
const ID_PREFIX = 'order-2026-eu-central-production-00000'
/** The loader's own count for each partition; nothing of the product ends in this test. */
const STORED = /^ecomind_loader_events_stored_total\{partition="\d+"\} (\d+)$/gm
const HOT = { user_id: 'batch-job@example.org', provider: 'openai', model: 'gpt-4o' } as const

describe('a hot key', () => {
  it('of one user, model, minute and prefix of ids leaves partitions balanced and watermarks moving, all counted once', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const env = { ECOMIND_LOG_PARTITIONS: String(PARTITIONS), ECOMIND_WATERMARK_BOUND_MS: '1000' }
    await withProduct('hot-key', underOneKey, { env })
  })
})

async function underOneKey(scenario: Scenario): Promise<void> {
  const { product, ledger, random } = scenario
  await startBoth(product)
  const nowMs = Date.now()
  const minuteMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS - HOT_MINUTE_AGO * MINUTE_MS
  const shared = { edgeUrl: product.edgeUrl, ledger, nowMs, daysBack: 3 }
  const hot = startTraffic({
    ...shared,
    random: random.fork('hot'),
    clients: HOT_CLIENTS,
    pauseMsMax: 0,
    createMaker: (options) => createHotMaker(options, minuteMs),
  })
  const others = startTraffic({ ...shared, random: random.fork('others'), clients: 1 })
  await waitFor(`${COPIES} acknowledged copies`, () => ledger.acknowledgedCopies() >= COPIES, {
    timeoutMs: 300_000,
    abortWhen: () => hot.failure() ?? others.failure(),
  })
  await Promise.all([hot.finish(), others.finish()])
  await expectBalanced(scenario)
  const verdict = await expectExactlyOnce(scenario)
  await expectFinal(scenario, minuteMs)
  say(figures(scenario, verdict))
}

/** As the usual maker, but for what is hot. */
function createHotMaker(options: EventMakerOptions, minuteMs: number): () => SentEvent {
  const { random } = options
  const make = createEventMaker({ ...options, idPrefix: `${ID_PREFIX}-${options.idPrefix}` })
  return () => ({ ...make(), ...HOT, ts: minuteMs + random.integer(0, MINUTE_MS - 1) })
}

async function expectBalanced({ product, ledger }: Scenario): Promise<void> {
  const events = ledger.acknowledgedEvents()
  const perPartition = await waitFor('everything to be stored', async () => {
    const metrics = await (await fetch(`${product.apiUrl}/metrics`)).text()
    const counts = [...metrics.matchAll(STORED)].map(([, count]) => Number(count))
    return counts.reduce((a, b) => a + b, 0) === events ? counts : null
  })
  say(`events per partition: ${perPartition.join(', ')}`)
  expect(perPartition).toHaveLength(PARTITIONS)
  const mean = events / PARTITIONS
  for (const count of perPartition) expect(Math.abs(count - mean) / mean).toBeLessThan(SHARE_TOLERANCE)
}

/** The hot minute is one window, right to the last token, and final: the watermark of every partition has passed it. */
async function expectFinal({ product, ledger }: Scenario, minuteMs: number): Promise<void> {
  const [from, to] = [minuteMs, minuteMs + MINUTE_MS].map((ms) => new Date(ms).toISOString()) as [string, string]
  const query = { org_id: LOCAL_ORG_ID, from, to, window: '1m', tz: 'UTC', filter: `user:${HOT.user_id}` }
  const item = await waitFor('the hot minute to be final', async () => {
    const { items } = await getUsage(product.apiUrl, query)
    return items.find((i) => i.status === 'final' || i.status === 'revised')
  })
  const hot = [...ledger.entries.values()].map((e) => e.event).filter((e) => e.user_id === HOT.user_id)
  expect(item).toMatchObject({
    calls: hot.length,
    tokens_in: hot.reduce((sum, e) => sum + e.tokens_in, 0),
    tokens_out: hot.reduce((sum, e) => sum + e.tokens_out, 0),
  })
}
