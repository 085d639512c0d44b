/** The real trace through the whole product, as single events and as batches, with repeats: its sums and its curve. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { config } from './config.ts'
import { getUsage } from './harness/api-client.ts'
import { BODY_SHAPES, createIngestClient, type IngestRequest } from './harness/ingest-client.ts'
import { createLedger, type Ledger, type SentEvent, sumsByWindow } from './harness/ledger.ts'
import { compareWindows, judge, ROLLUPS, readWindows, waitSettled } from './harness/oracle.ts'
import { createProduct, type Product } from './harness/product.ts'
import { createRandom } from './harness/random.ts'
import { say, startBoth } from './harness/scenario.ts'
import { querySql } from './harness/sql-client.ts'
import { TRACE_CALLS, TRACE_TOKENS_IN, TRACE_TOKENS_OUT, traceEvents } from './harness/trace.ts'

const DAY_MS = 86_400_000
const TIMEOUT_MS = 1_200_000
const TRACE = { calls: TRACE_CALLS, tokens_in: TRACE_TOKENS_IN, tokens_out: TRACE_TOKENS_OUT }

let product: Product
let ledger: Ledger

beforeAll(async () => {
  product = await createProduct()
  ledger = createLedger()
  await startBoth(product)
}, 240_000)
afterAll(() => product?.dispose())

/** Sends all requests over several connections at once, in their order. */
async function sendAll(requests: readonly IngestRequest[], connections: number): Promise<void> {
  const client = createIngestClient({ edgeUrl: product.edgeUrl, ledger })
  let next = 0
  const worker = async (): Promise<void> => {
    for (let request = requests[next++]; request !== undefined; request = requests[next++]) await client.send(request)
  }
  await Promise.all(Array.from({ length: connections }, worker))
  client.close()
}

/** Batches of every shape and of many sizes; some are sent again whole, some overlap the one before, some are mixed. */
function toBatches(events: readonly SentEvent[]): IngestRequest[] {
  const random = createRandom(config.seed).fork('trace-batches')
  const batches: IngestRequest[] = []
  for (let i = 0; i < events.length; ) {
    const size = random.integer(1, 700)
    const overlap = random.chance(0.3) ? random.integer(1, 50) : 0
    const batch = events.slice(Math.max(0, i - overlap), i + size)
    const shape = random.pick(BODY_SHAPES.filter((s) => s !== 'single'))
    const request = { events: random.chance(0.3) ? random.shuffled(batch) : batch, shape, gzip: random.chance(0.5) }
    batches.push(request)
    if (random.chance(0.25)) batches.push({ ...request, events: random.shuffled(batch) })
    i += size
  }
  return batches
}

async function expectTrace(events: readonly SentEvent[], daysBack: number): Promise<void> {
  await waitSettled(product, ledger, 180_000)
  const day = Math.floor((events[0]?.ts ?? 0) / DAY_MS) * DAY_MS
  const [from, to] = [new Date(day).toISOString(), new Date(day + DAY_MS).toISOString()]
  const clause = (column: string): string => `${column} >= ${day / 1000} AND ${column} < ${day / 1000 + 86_400}`

  const [raw] = await querySql(
    product.sqlUrl,
    `SELECT count(), uniqExact(event_id), sum(tokens_in), sum(tokens_out) FROM usage_events
      WHERE ${clause('toUnixTimestamp64Milli(ts) / 1000')}`,
  )
  expect(raw?.map(Number)).toEqual([TRACE_CALLS, TRACE_CALLS, TRACE_TOKENS_IN, TRACE_TOKENS_OUT])
  for (const { table } of ROLLUPS) {
    const [sums] = await querySql(
      product.sqlUrl,
      `SELECT sum(calls), sum(tokens_in), sum(tokens_out) FROM ${table} WHERE ${clause('toUnixTimestamp(window_start)')}`,
    )
    expect([table, ...(sums ?? []).map(Number)]).toEqual([table, ...Object.values(TRACE)])
  }

  const api = await getUsage(product.apiUrl, { org_id: 'org_demo', from, to, tz: 'UTC', window: '1m' })
  expect(api.totals).toMatchObject(TRACE)
  const curve = new Map(
    api.items
      .filter((i) => i.calls > 0)
      .map(({ window_start, calls, tokens_in, tokens_out }) => [
        Date.parse(window_start) / 1000,
        { calls, tokens_in, tokens_out },
      ]),
  )
  const wanted = sumsByWindow(events, 60)
  expect(compareWindows('/v1/usage?window=1m', curve, wanted)).toEqual([])
  const stored = [...(await readWindows(product.sqlUrl, 'usage_1m'))].filter(
    ([w]) => w >= day / 1000 && w < day / 1000 + 86_400,
  )
  expect(compareWindows('usage_1m', new Map(stored), wanted)).toEqual([])
  const peak = Math.max(...[...wanted.values()].map((w) => w.calls))
  say(`trace on day -${daysBack}: ${wanted.size} minutes, ${peak} calls in the busiest; sums ${JSON.stringify(TRACE)}`)
}

describe('the real trace of 19,366 requests', () => {
  it('counts right in raw, every rollup and the API when sent as single events', { timeout: TIMEOUT_MS }, async () => {
    const events = traceEvents(Date.now(), 3, 'trace-single')
    await sendAll(
      events.map((event) => ({ events: [event], shape: 'single', gzip: false })),
      64,
    )
    await expectTrace(events, 3)
  })

  it('counts right when sent as batches of every shape, with repeats and overlaps', {
    timeout: TIMEOUT_MS,
  }, async () => {
    say(`E2E_SEED=${config.seed}`)
    const events = traceEvents(Date.now(), 2, 'trace-batch')
    const before = ledger.acknowledgedCopies()
    await sendAll(toBatches(events), 8)
    const copies = ledger.acknowledgedCopies() - before
    expect(copies).toBeGreaterThan(TRACE_CALLS)
    await expectTrace(events, 2)
    say(`${copies} copies were accepted for ${TRACE_CALLS} events`)
  })

  it('agrees with the oracle event by event over both', { timeout: TIMEOUT_MS }, async () => {
    const verdict = await judge(product, ledger)
    expect(verdict.differences).toEqual([])
    expect(verdict.stored).toBe(2 * TRACE_CALLS)
  })
})
