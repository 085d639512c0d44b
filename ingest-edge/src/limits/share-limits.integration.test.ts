/** Against a server of the tester's choice: set ECOMIND_TEST_REDIS_URL (ops/provision/redis.sh start prints one). */
import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { SnapshotOrganisation } from '@ecomind/schemas/keys'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Budget } from './account.ts'
import { Accounts } from './accounts.ts'
import { type SharedLimits, shareLimits } from './share-limits.ts'

const serverUrl = process.env['ECOMIND_TEST_REDIS_URL'] ?? ''
const WAIT = { timeout: 60_000, interval: 20 }
const logger = pino({ level: 'silent' })

const undo: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

interface Edge {
  /** Of its organisation, as Redis knows it. */
  readonly account: string
  readonly budget: Budget
  readonly shared: SharedLimits
  readonly eventsToday: () => number
}

async function startEdge(url: string, organisation: SnapshotOrganisation): Promise<Edge> {
  const accounts = new Accounts()
  accounts.replace({ revision: 1, made_at: '', keys: [], organisations: [organisation] }, Date.now())
  const account = accounts.find(`org/${organisation.id}`)
  if (account === undefined) throw new Error('the organisation has no limits')
  const shared = await shareLimits({ url, accounts, logger, nowMs: Date.now })
  undo.push(() => shared.stop())
  return {
    account: account.name,
    budget: new Budget([account]),
    shared,
    eventsToday: () => account.count?.eventsAt(Date.now()) ?? 0,
  }
}

const organisation = (limits: Partial<SnapshotOrganisation>): SnapshotOrganisation => ({
  id: `org_${randomUUID()}`,
  rate_per_second: null,
  events_per_day_max: null,
  ...limits,
})

/** Asks as often as it can until a time has passed; gives what was let through and how long it took. */
async function takeFor(edges: readonly Edge[], ms: number): Promise<{ taken: number; seconds: number }> {
  const startedAt = Date.now()
  let taken = 0
  while (Date.now() - startedAt < ms) {
    for (const { budget } of edges) if (budget.takeRequest(Date.now()) === null) taken++
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { taken, seconds: (Date.now() - startedAt) / 1000 }
}

describe('a Redis that does not answer', () => {
  test('leaves each edge with the limit for itself', async () => {
    const edge = await startEdge('redis://127.0.0.1:1', organisation({ rate_per_second: 10 }))
    const { taken, seconds } = await takeFor([edge], 500)
    expect(edge.shared.isShared()).toBe(false)
    expect(taken).toBeGreaterThanOrEqual(10)
    expect(taken).toBeLessThanOrEqual(10 * (seconds + 1) + 1)
  })
})

describe.runIf(serverUrl !== '')('limits over two edges', () => {
  const pair = async (url: string, limits: Partial<SnapshotOrganisation>) => {
    const org = organisation(limits)
    const edges = [await startEdge(url, org), await startEdge(url, org)]
    for (const { shared } of edges) await vi.waitFor(() => expect(shared.isShared()).toBe(true), WAIT)
    return edges
  }

  test('hold the rate together, but for what each could still see at first', async () => {
    const rate = 200
    const { taken, seconds } = await takeFor(await pair(serverUrl, { rate_per_second: rate }), 5000)
    expect(taken).toBeGreaterThan(rate)
    // Two edges alone would let through twice the rate: 12 seconds' worth in five seconds.
    expect(taken).toBeLessThanOrEqual(rate * (seconds + 1) + 2 * rate)
  })

  test('count one day together, and tell a Redis that has forgotten', async () => {
    const [a, b] = await pair(serverUrl, { events_per_day_max: 1000 })
    if (a === undefined || b === undefined) throw new Error('there are two')
    expect(a.budget.takeEvents(300, Date.now())).toBeNull()
    expect(b.budget.takeEvents(500, Date.now())).toBeNull()
    // Each hears of the other when it tells something itself: one of the two knows all by now.
    await vi.waitFor(() => expect(Math.max(a.eventsToday(), b.eventsToday())).toBe(800), WAIT)
    const [knowing, other] = a.eventsToday() === 800 ? [a, b] : [b, a]
    const client = new Redis(serverUrl)
    undo.push(() => client.disconnect())
    const names = () => client.keys(`ecomind:limits:day:*:${a.account}`)
    await client.del(...(await names()))
    expect(knowing.budget.takeEvents(1, Date.now())).toBeNull()
    await vi.waitFor(async () => expect(await client.mget(await names())).toEqual(['801']), WAIT)
    expect(other.budget.takeEvents(1, Date.now())).toBeNull()
    await vi.waitFor(() => expect(other.eventsToday()).toBe(802), WAIT)
    expect(other.budget.takeEvents(300, Date.now())).not.toBeNull()
  })

  test('are each edge’s own while Redis is away, and shared again when it is back', async () => {
    const proxy = await openProxy(new URL(serverUrl))
    const edges = await pair(proxy.url, { rate_per_second: 50 })
    await proxy.cut()
    for (const { shared, budget } of edges) {
      await vi.waitFor(() => expect(shared.isShared()).toBe(false), WAIT)
      await vi.waitFor(() => expect(budget.takeRequest(Date.now())).toBeNull(), WAIT)
    }
    await proxy.mend()
    for (const { shared } of edges) await vi.waitFor(() => expect(shared.isShared()).toBe(true), WAIT)
  })
})

/** A way to Redis that a test can cut. */
async function openProxy(target: URL) {
  const sockets = new Set<Socket>()
  let server: Server | null = null
  let port = 0
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  }
  const mend = async () => {
    const opened = createServer((client) => {
      const upstream = connect(Number(target.port || 6379), target.hostname)
      keep(client)
      keep(upstream)
      client.pipe(upstream).pipe(client)
    })
    await new Promise<void>((resolve) => opened.listen(port, '127.0.0.1', resolve))
    port = (opened.address() as AddressInfo).port
    server = opened
  }
  const cut = async () => {
    const closed = new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())))
    for (const socket of sockets) socket.destroy()
    await closed
    server = null
  }
  await mend()
  undo.push(cut)
  return { url: `redis://127.0.0.1:${port}`, cut, mend }
}
