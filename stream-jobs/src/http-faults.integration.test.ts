/**
 * The loader against a server that fails in every way an operator has seen: processes killed at each side of a commit,
 * requests and answers cut on the wire, silence, refusals, proxies. One loader lives through all of it. After each fault
 * ids and sums in the raw table, in every rollup and in the ledger are those of the oracle: lost 0, doubled 0.
 */
import { FRONT_FAULTS, type FrontFault, type ProxyFault } from '@ecomind/clickhouse/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectTables } from './testing/expect-oracle.ts'
import { type HttpWorld, openHttpWorld } from './testing/http-world.ts'
import { randomSource } from './testing/killed-batch.ts'
import { send, usageEvent } from './testing/traffic.ts'

const NOON = 1_760_011_200_000
const MONTH_MS = 30 * 86_400_000
const TABLES = ['usage_events', 'usage_minutes', 'quarantine', 'ingest_ledger'] as const
const SEED = Number(process.env['ECOMIND_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

// ECOMIND_TEST_SEED repeats a run, ECOMIND_TEST_FAULTS=all strikes every table with every fault.
describe(`a ClickHouse server that fails (ECOMIND_TEST_SEED=${SEED})`, () => {
  const random = randomSource(SEED)
  let world: HttpWorld
  let round = 0

  beforeAll(async () => {
    world = await openHttpWorld(2)
  })
  afterAll(async () => await world?.close())

  const between = (low: number, high: number): number => low + random(high - low + 1)

  /** Events of two months, some twice, some in conflict, and a poison record: rows for every table. */
  async function sendRound(): Promise<void> {
    round += 1
    const at = NOON + round * 1000
    const events = Array.from({ length: between(20, 120) }, (_, i) =>
      usageEvent({
        event_id: `event-${round}-${i}`,
        org_id: `org_${between(1, 5)}`,
        user_id: `user_${between(1, 9)}`,
        tokens_in: between(0, 5000),
        ts: at - i * 400_000 - between(0, 1) * MONTH_MS,
      }),
    )
    const again = events.slice(0, 5)
    const conflicts = events.slice(5, 8).map((event) => ({ ...event, tokens_out: event.tokens_out + 1 }))
    const batches = [
      { arrivedAtMs: at, events },
      { arrivedAtMs: at + 1, events: [...again, ...conflicts] },
    ]
    for (const batch of [...batches, Buffer.from(`poison ${round}`)]) {
      world.sent.push(batch)
      await send(world.log, batch, NOON)
    }
  }

  const expectExact = (): Promise<void> => world.ask((clickhouse) => expectTables(clickhouse, world.sent))

  it('loads while nothing fails', async () => {
    await sendRound()
    await world.untilLoaded()
    await expectExact()
  })

  /** Kills strike each table; the others one that the seed chooses, or each when all is asked for, which takes minutes. */
  const tablesOf = (fault: FrontFault): readonly string[] => {
    if (fault.startsWith('die-') || process.env['ECOMIND_TEST_FAULTS'] === 'all') return TABLES
    return TABLES.slice(random(TABLES.length)).slice(0, 1)
  }
  const cases = FRONT_FAULTS.flatMap((fault) => tablesOf(fault).map((table) => [fault, table] as const))
  it.each(cases)('%s of an insert into %s', async (fault, table) => {
    const dies = fault.startsWith('die-')
    const before = world.restarts()
    await world.front().arm({ fault, table, nth: 1, times: timesOf(fault), afterMs: between(0, 25) })
    await sendRound()
    await world.untilLoaded()
    if (dies) expect(world.restarts()).toBe(before + 1)
    else expect(await world.front().struck()).toBeGreaterThan(0)
    await world.front().arm(null)
    await expectExact()
  })
  /** A server that refuses does it for a while; one that hangs or loses an answer does it once. */
  const timesOf = (fault: FrontFault): number => (/^(refuse|proxy-50[23]|proxy-429)/.test(fault) ? between(1, 4) : 1)

  const wire: readonly (readonly [string, () => ProxyFault])[] = [
    ['a request cut in its head', () => ({ kind: 'cut-request', afterBytes: between(1, 300) })],
    ['a request cut in its body', () => ({ kind: 'cut-request', afterBytes: between(1500, 5000) })],
    ['an answer cut in its head', () => ({ kind: 'cut-answer', afterBytes: between(0, 60) })],
    ['an answer cut behind its head', () => ({ kind: 'cut-answer', afterBytes: between(100, 150) })],
  ]
  it.each(wire)('%s', async (_, fault) => {
    world.proxy.harm(fault())
    await sendRound()
    await world.untilLoaded()
    expect(world.proxy.cuts()).toBe(1)
    await expectExact()
  })

  it.each<[string, ProxyFault]>([
    ['connections that are refused', { kind: 'refuse' }],
    ['a server that swallows everything', { kind: 'black-hole' }],
  ])('%s, until it is over; health says so meanwhile', async (_, fault) => {
    world.proxy.harm(fault)
    await sendRound()
    await expect.poll(() => world.loader.health().status, { timeout: 30_000 }).toBe('degraded')
    world.proxy.harm(null)
    await world.untilLoaded()
    await expectExact()
  })

  it('a slow network', async () => {
    world.proxy.harm({ kind: 'slow', chunkMs: 40 })
    await sendRound()
    await world.untilLoaded()
    world.proxy.harm(null)
    await expectExact()
  })

  it('too many parts, as the engine itself says it', async () => {
    const limit = (parts: number): Promise<void> =>
      world.ask((clickhouse) =>
        clickhouse.command({
          text: `ALTER TABLE ecomind.usage_1h MODIFY SETTING parts_to_throw_insert = ${parts}, parts_to_delay_insert = ${parts}`,
        }),
      )
    await limit(1)
    await sendRound()
    await expect.poll(() => world.loader.health().detail, { timeout: 30_000 }).toMatch(/TOO_MANY_PARTS/)
    await limit(3000)
    await world.untilLoaded()
    await expectExact()
  })

  it('one kill after the other at any moment, while events keep coming', async () => {
    for (let kill = 0; kill < 5; kill++) {
      const before = world.restarts()
      await sendRound()
      await new Promise((resolve) => setTimeout(resolve, between(0, 150)))
      await world.front().kill()
      await expect.poll(() => world.restarts(), { timeout: 30_000 }).toBe(before + 1)
    }
    await world.untilLoaded()
    await expectExact()
  })
})
