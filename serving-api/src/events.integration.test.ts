/**
 * What one event goes through behind the API: list, explanation, quarantine, replay, reconciliation, live. Long because all
 * of them answer about the same few events of one database.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type ClickHouse,
  encodeLedgerRows,
  encodeQuarantineRows,
  insertUsageRows,
  migrate,
  openClickHouse,
  type QuarantineRow,
} from '@ecomind/clickhouse'
import type { LogRecord } from '@ecomind/event-log'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import {
  errorBody,
  eventsAnswer,
  explainAnswer,
  liveMessage,
  quarantineAnswer,
  quarantineItem,
  reconciliationAnswer,
  replayAnswer,
  type UsageEvent,
} from '@ecomind/schemas'
import { decodeBatch, encodeBatch } from '@ecomind/schemas/avro'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readWatermark } from './installation.ts'
import { eventually } from './testing/eventually.ts'
import { randomRow, seededRandom } from './testing/random-usage.ts'
import { startTestApi, type TestApi } from './testing/test-api.ts'

const NOW_MS = Date.UTC(2025, 8, 30, 12, 0, 30)
const HOUR_MS = 3_600_000
const WHOLE_RECORD = 0xffff_ffff
const set = loadDefaultFactorSet()
const random = seededRandom(7)
/** Several events share an instant, so that only the id can order them. */
const rows = Array.from({ length: 250 }, (_, index) =>
  randomRow(random, set, { tsMs: NOW_MS - Math.floor(index / 3) * 20_000, index, watermarkMs: NOW_MS - HOUR_MS }),
)
const appended: { partition: number; record: LogRecord }[] = []
let inFlight: { hourMs: number; events: number }[] = []
let nowMs = NOW_MS
let dir: string
let clickhouse: ClickHouse
let api: TestApi

const event: UsageEvent = {
  org_id: 'org_demo',
  event_id: 'conflicting',
  user_id: 'user_alice',
  provider: 'openai',
  model: 'gpt-4o',
  tokens_in: 10,
  tokens_out: 5,
  ts: NOW_MS - 5000,
  region: null,
  team_id: null,
  project_id: null,
  source: null,
  tokens_cache_read: null,
  tokens_cache_write: null,
  tokens_reasoning: null,
  reasoning_separate: false,
  latency_ms: null,
  tokens_source: null,
  service_tier: null,
  tags: {},
}
const head = { arrivedAtMs: NOW_MS - 4000, edgeId: 'edge', replayOf: null }
const record = encodeBatch(head, [event])
const eventBytes = decodeBatch(record).events[0]?.bytes ?? new Uint8Array()

function quarantined(offset: number, index: number, over: Partial<QuarantineRow>): QuarantineRow {
  return {
    org_id: 'org_demo',
    event_id: 'conflicting',
    reason: 'id_conflict',
    detail: 'the first event stands elsewhere',
    raw: Buffer.from(eventBytes).toString('base64'),
    schema_id: 1,
    arrived_at: NOW_MS - 4000 + offset,
    log_generation: 1,
    log_partition: 0,
    log_offset: offset,
    log_index: index,
    ...over,
  }
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-events-'))
  clickhouse = await openClickHouse(
    { kind: 'embedded', dataDir: join(dir, 'clickhouse'), spoolDir: join(dir, 'spool') },
    { role: 'api' },
  )
  await migrate(clickhouse)
  await insertUsageRows(clickhouse, rows, 'rows')
  const poison = { org_id: '', event_id: '', reason: 'undecodable_record', detail: 'decode a usage batch: broken' }
  await clickhouse.insertNative(
    'quarantine',
    encodeQuarantineRows([
      quarantined(7, 3, {}),
      quarantined(8, WHOLE_RECORD, { ...poison, raw: record.toString('base64') }),
      quarantined(9, WHOLE_RECORD, { ...poison, raw: Buffer.from('garbage').toString('base64'), arrived_at: 0 }),
    ]),
    'quarantine',
  )
  api = await startTestApi(
    clickhouse,
    {
      loadFactorSet: async (id) => (id === set.id ? set : null),
      watermark: () => NOW_MS,
      nowMs: () => nowMs,
      inFlight: async () => inFlight,
      replayLog: {
        partitions: 2,
        append: async (partition, records) => {
          for (const r of records) appended.push({ partition, record: r })
          return 0
        },
      },
    },
    { livePollMs: 100, liveConnectionsMax: 2 },
  )
})

afterAll(async () => {
  await api?.stop()
  await clickhouse?.close()
  await rm(dir, { recursive: true, force: true })
})

describe('/v1/events', () => {
  test('pages through every event once, newest first', async () => {
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const more = cursor === undefined ? '' : `&cursor=${cursor}`
      const page = eventsAnswer.parse((await api.get(`/v1/events?org_id=org_demo&limit=40${more}`)).json)
      seen.push(...page.items.map((e) => e.event_id))
      cursor = page.next_cursor
    } while (cursor !== undefined)
    const wanted = [...rows].sort((a, b) => b.ts - a.ts || (a.event_id < b.event_id ? 1 : -1))
    expect(seen).toEqual(wanted.map((r) => r.event_id))
  })

  test('gives back what was stored, odd characters included', async () => {
    for (const row of rows.slice(0, 60)) {
      const query = new URLSearchParams({
        org_id: 'org_demo',
        from: new Date(row.ts).toISOString(),
        to: new Date(row.ts + 1).toISOString(),
      })
      query.append('filter', `user_id:${row.user_id}`)
      query.append('filter', `model:${row.model}`)
      const page = eventsAnswer.parse((await api.get(`/v1/events?${query}`)).json)
      const found = page.items.find((e) => e.event_id === row.event_id)
      expect(found).toMatchObject({
        user_id: row.user_id,
        model: row.model,
        region: row.region,
        region_inferred: row.region_inferred,
        ts: new Date(row.ts).toISOString(),
        latency_ms: row.latency_ms,
        kwh: row.kwh / 1e12,
        co2_kg_high: row.co2_kg_high / 1e12,
      })
      expect(Object.entries(found?.tags ?? {})).toEqual(Object.entries(row.tags))
    }
  })

  test.each([
    "'",
    '"',
    '\\',
    "' OR '1'='1",
    '{org_id:String}',
    '%',
    '_',
    '$$',
    '--',
    '/*',
    'a\u200bb',
    '🌍'.repeat(60),
  ])('a filter of %j matches nothing and breaks nothing', async (value) => {
    for (const name of ['user_id', 'team_id']) {
      const query = new URLSearchParams({ org_id: 'org_demo', [name]: value })
      const answer = await api.get(`/v1/events?${query}`)
      expect(answer.status, answer.text).toBe(200)
      expect(eventsAnswer.parse(answer.json).items).toEqual([])
    }
    const filter = new URLSearchParams({ org_id: 'org_demo', from: '2025-09-01', to: '2025-10-01', group_by: 'model' })
    for (const f of ['provider', 'model', 'region', 'source', 'project', '-region'])
      filter.append('filter', `${f}:${value}`)
    expect((await api.get(`/v1/usage?${filter}`)).status).toBe(200)
  })
})

describe('/v1/events/{id}/explain', () => {
  test('computes every stored number again, exactly', async () => {
    for (const row of rows.slice(0, 40)) {
      const answer = await api.get(`/v1/events/${row.event_id}/explain?org_id=org_demo`)
      const explained = explainAnswer.parse(answer.json)
      expect(explained.reproduced, `${row.event_id} ${row.factor_id} ${row.grid_id}`).toBe(true)
      expect(explained.factor.id).toBe(row.factor_id)
      expect(explained.sources.length).toBeGreaterThan(0)
    }
  })

  test('a number that was stored differently is told as not reproduced', async () => {
    const [first] = rows
    if (first === undefined) throw new Error('no rows')
    const changed = { ...first, event_id: 'changed-afterwards', kwh: first.kwh + 1, log_offset: 9999 }
    await insertUsageRows(clickhouse, [changed], 'changed')
    const answer = await api.get('/v1/events/changed-afterwards/explain?org_id=org_demo')
    expect(explainAnswer.parse(answer.json).reproduced).toBe(false)
  })
})

describe('/v1/reconciliation', () => {
  const hourMs = Math.floor(NOW_MS / HOUR_MS) * HOUR_MS
  const arrivals = (h: number): number => rows.filter((r) => Math.floor(r.arrived_at / HOUR_MS) * HOUR_MS === h).length
  const url = '/v1/reconciliation?org_id=org_demo'

  test('does not balance while the loader has not counted what is stored', async () => {
    const answer = reconciliationAnswer.parse((await api.get(url)).json)
    expect(answer.balanced).toBe(false)
  })

  test('balances when each hour has stored, duplicate, quarantined and in flight', async () => {
    const counted = [hourMs, hourMs - HOUR_MS].map((h, i) => ({
      org_id: 'org_demo',
      hour: h / 1000,
      log_generation: 1,
      log_partition: 0,
      log_offset: i,
      accepted: arrivals(h) + (i === 0 ? 1 : 0) + 3 + 1,
      stored: arrivals(h) + (i === 0 ? 1 : 0),
      duplicate: 3,
      quarantined: 1,
    }))
    await clickhouse.insertNative('ingest_ledger', encodeLedgerRows(counted), 'ledger')
    inFlight = [{ hourMs, events: 5 }]
    const answer = reconciliationAnswer.parse((await api.get(url)).json)
    expect(answer.balanced, JSON.stringify(answer)).toBe(true)
    expect(answer.items.at(-1)).toEqual({
      org_id: 'org_demo',
      hour: new Date(hourMs).toISOString(),
      // One more than the random rows: the event of the explain test.
      accepted: arrivals(hourMs) + 1 + 3 + 1 + 5,
      stored: arrivals(hourMs) + 1,
      duplicate: 3,
      quarantined: 1,
      in_flight: 5,
      balanced: true,
    })
  })
})

describe('/v1/quarantine', () => {
  const replay = async (body: unknown) =>
    await api.get('/v1/quarantine/replay?org_id=org_demo', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const conflict = '1/0/7/3'
  const readable = `1/0/8/${WHOLE_RECORD}`
  const garbage = `1/0/9/${WHOLE_RECORD}`

  test('lists page by page, with the metadata where it can be read', async () => {
    const first = quarantineAnswer.parse((await api.get('/v1/quarantine?org_id=org_demo&limit=2')).json)
    expect(first.items.map((i) => [i.id, i.org_id, i.state])).toEqual([
      [readable, '', 'open'],
      [conflict, 'org_demo', 'open'],
    ])
    expect(first.items[1]?.event).toMatchObject({ event_id: 'conflicting', tokens_in: 10 })
    const rest = quarantineAnswer.parse(
      (await api.get(`/v1/quarantine?org_id=org_demo&limit=2&cursor=${first.next_cursor}`)).json,
    )
    expect(rest.items.map((i) => [i.id, i.event, i.arrived_at])).toEqual([[garbage, null, null]])
    expect(rest.next_cursor).toBeUndefined()
  })

  test('inspects one row by its percent-encoded id', async () => {
    const answer = await api.get(`/v1/quarantine/${encodeURIComponent(conflict)}?org_id=org_demo`)
    expect(quarantineItem.parse(answer.json)).toMatchObject({ id: conflict, reason: 'id_conflict' })
    expect((await api.get('/v1/quarantine/1%2F0%2F7%2F4?org_id=org_demo')).status).toBe(404)
  })

  test('a dry run says what would happen and does nothing', async () => {
    const ids = [conflict, readable, garbage, '9/9/9/9', "' OR 1=1"]
    const answer = replayAnswer.parse((await replay({ ids })).json)
    expect(answer.dry_run).toBe(true)
    expect(answer.items.map((i) => i.outcome)).toEqual([
      'would_stay',
      'would_store',
      'would_stay',
      'not_found',
      'not_found',
    ])
    const renamed = replayAnswer.parse((await replay({ ids: [conflict], assign_new_ids: true })).json)
    expect(renamed.items[0]).toMatchObject({ outcome: 'would_store', event_id: 'replayed-1-0-7-3' })
    expect(appended).toEqual([])
  })

  test('a replay goes into the log once, whatever is repeated or at the same time', async () => {
    const body = { ids: [conflict, conflict, readable, garbage], dry_run: false, assign_new_ids: true }
    const answers = await Promise.all([replay(body), replay(body), replay(body)])
    const outcomes = answers.map((a) =>
      replayAnswer
        .parse(a.json)
        .items.map((i) => i.outcome)
        .join(),
    )
    expect(outcomes.filter((o) => o === 'replayed,replayed,would_stay')).toHaveLength(1)
    expect(outcomes.filter((o) => o === 'already_replayed,already_replayed,would_stay')).toHaveLength(2)
    const batches = appended.map((a) => decodeBatch(a.record.value))
    expect(batches.map((b) => [b.replayOf, b.arrivedAtMs, b.events.map((e) => e.event.event_id)])).toEqual([
      [conflict, NOW_MS - 4000 + 7, ['replayed-1-0-7-3']],
      [readable, NOW_MS - 4000 + 8, ['conflicting']],
    ])
    const open = quarantineAnswer.parse((await api.get('/v1/quarantine?org_id=org_demo&state=open')).json)
    expect(open.items.map((i) => i.id)).toEqual([garbage])
    const done = quarantineAnswer.parse((await api.get('/v1/quarantine?org_id=org_demo&state=replayed')).json)
    expect(done.items).toHaveLength(2)
  })
})

describe('readWatermark', () => {
  test('is that of the slowest partition by its newest row, null before there is one', async () => {
    expect(await readWatermark(clickhouse, 'loader')).toBeNull()
    for (const [partition, mark, updated] of [
      [0, 5000, 1],
      [0, 9000, 2],
      [1, 8000, 3],
      [1, 7000, 2],
    ]) {
      await clickhouse.command({
        text: 'INSERT INTO ecomind.watermarks SELECT {group:String}, {partition:UInt16}, fromUnixTimestamp64Milli({mark:Int64}), 0, fromUnixTimestamp64Milli({updated:Int64})',
        params: { group: 'loader', partition: partition ?? 0, mark: mark ?? 0, updated: updated ?? 0 },
      })
    }
    expect(await readWatermark(clickhouse, 'loader')).toBe(8000)
  })
})

describe('/v1/live', () => {
  test('sends the whole view first, then what changed, and refuses too many listeners', async () => {
    const stop = new AbortController()
    const stream = await fetch(`${api.url}/v1/live?org_id=org_demo`, {
      signal: stop.signal,
      headers: { 'last-event-id': 'whatever \' " it was' },
    })
    expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    const messages = readMessages(stream)
    const first = liveMessage.parse((await messages.next()).value)
    expect(first.windows).toHaveLength(60)
    const inHour = rows.filter((r) => r.ts >= NOW_MS - 30_000 - 59 * 60_000)
    // One more than the random rows: the event of the explain test.
    expect(first.last_60m.calls).toBe(inHour.length + 1)

    const second = await fetch(`${api.url}/v1/live?org_id=org_demo&filter=user_id:nobody`, { signal: stop.signal })
    expect(second.status).toBe(200)
    const third = await api.get('/v1/live?org_id=org_demo')
    expect([third.status, errorBody.parse(third.json).error.code]).toEqual([503, 'overloaded'])

    const fresh = randomRow(random, set, { tsMs: NOW_MS, index: 5000, watermarkMs: NOW_MS })
    await insertUsageRows(clickhouse, [fresh], 'fresh')
    // The two questions of a poll may stand on either side of the insert; then the windows follow with the next one.
    let next = liveMessage.parse((await messages.next()).value)
    while (next.windows.length === 0) next = liveMessage.parse((await messages.next()).value)
    expect(next.windows.map((w) => w.window_start)).toEqual([new Date(NOW_MS - 30_000).toISOString()])
    expect(next.today.calls).toBe(first.today.calls + 1)

    nowMs += 60_000
    let rolled = liveMessage.parse((await messages.next()).value)
    while (rolled.windows.length === 0) rolled = liveMessage.parse((await messages.next()).value)
    expect(rolled.windows.at(-1)).toMatchObject({ calls: 0, window_start: new Date(NOW_MS + 30_000).toISOString() })
    stop.abort()
    await eventually(async () => (await api.get('/metrics')).text).toContain('ecomind_api_live_connections 0')
  })

  test('ends when the process stops', async () => {
    const other = await startTestApi(clickhouse, { loadFactorSet: async () => set }, { livePollMs: 100 })
    const stream = await fetch(`${other.url}/v1/live?org_id=org_demo`)
    const messages = readMessages(stream)
    await messages.next()
    await other.stop()
    let last = await messages.next()
    while (last.done !== true) last = await messages.next()
    expect(last.done).toBe(true)
  })
})

/** The data of each event of the stream. */
async function* readMessages(stream: Response): AsyncGenerator<unknown> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of stream.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1]
      text = text.slice(end + 2)
      if (data !== undefined) yield JSON.parse(data)
    }
  }
}
