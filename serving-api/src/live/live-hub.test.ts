import pino from 'pino'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { eventually } from '../testing/eventually.ts'
import { FakeClickHouse } from '../testing/fake-clickhouse.ts'
import { localScope } from '../testing/local-scope.ts'
import { LiveHub, type LiveSink } from './live-hub.ts'

vi.setConfig({ testTimeout: 60_000 })

class FakeSink implements LiveSink {
  readonly written: string[] = []
  writableLength = 0
  ended = false
  destroyed = false
  /** Bytes are taken by nobody. */
  stuck = false
  write(text: string): boolean {
    this.written.push(text)
    if (this.stuck) this.writableLength += text.length
    return !this.stuck
  }
  end(): void {
    this.ended = true
  }
  destroy(): void {
    this.destroyed = true
  }
  get messages(): string[] {
    return this.written.filter((t) => t.includes('event: usage'))
  }
}

const hubs: LiveHub[] = []
let nowMs = Date.UTC(2025, 8, 30, 12)

async function setUp(connectionsMax = 10) {
  const clickhouse = new FakeClickHouse()
  const hub = new LiveHub({
    nowMs: () => nowMs,
    basis: async () => ({
      watermarkMs: null,
      latenessMs: 0,
      kinshipsOf: async () => () => ({ class: 'c', model: 'm' }),
    }),
    pollMs: 1,
    connectionsMax,
    logger: pino({ level: 'silent' }),
  })
  hubs.push(hub)
  return { clickhouse, hub, scope: await localScope({ clickhouse }) }
}

afterEach(async () => {
  await Promise.all(hubs.splice(0).map((h) => h.close()))
})

const stays = async () => true
const view = { tz: 'UTC', filters: [] }
const filtered = (value: string) => ({ tz: 'UTC', filters: [{ field: 'model' as const, keep: true, value }] })

describe('LiveHub', () => {
  test('clients of one view share a poller; each gets the whole view first and nothing while nothing changes', async () => {
    const { clickhouse, hub, scope } = await setUp()
    const sinks = [new FakeSink(), new FakeSink(), new FakeSink()]
    for (const sink of sinks) hub.join(scope, view, sink, stays)
    await eventually(() => sinks.every((s) => s.messages.length === 1)).toBe(true)
    const askedByThree = clickhouse.asked.length
    await eventually(() => clickhouse.asked.length).toBeGreaterThan(askedByThree + 10)
    expect(sinks.map((s) => s.messages.length)).toEqual([1, 1, 1])
    nowMs += 60_000
    await eventually(() => sinks.every((s) => s.messages.length === 2)).toBe(true)
    for (const { messages } of sinks) expect(messages.map((m) => /^id: (\d+)$/m.exec(m)?.[1])).toEqual(['1', '2'])
    expect(JSON.parse(/data: (.*)/.exec(sinks[0]?.messages[1] ?? '')?.[1] ?? '{}').windows).toHaveLength(1)
  })

  test('a client that does not read is dropped, the others stay', async () => {
    const { hub, scope } = await setUp()
    const [slow, fine] = [new FakeSink(), new FakeSink()]
    slow.stuck = true
    slow.writableLength = 1_048_576
    hub.join(scope, view, fine, stays)
    hub.join(scope, view, slow, stays)
    await eventually(() => slow.destroyed).toBe(true)
    expect(hub.connections).toBe(1)
    await eventually(() => fine.messages.length).toBe(1)
  })

  test('polling ends with the last client of a view', async () => {
    const { clickhouse, hub, scope } = await setUp()
    const sink = new FakeSink()
    const leave = hub.join(scope, view, sink, stays)
    await eventually(() => sink.messages.length).toBe(1)
    leave()
    leave()
    expect(hub.connections).toBe(0)
    // Resolves when the poller of the view has ended.
    await hub.close()
    const asked = clickhouse.asked.length
    nowMs += 60_000
    await new Promise((resolve) => setImmediate(resolve))
    expect(clickhouse.asked.length).toBe(asked)
  })

  test('a database that fails for a while costs no client its connection', async () => {
    const { clickhouse, hub, scope } = await setUp()
    let failures = 0
    clickhouse.answer = () => {
      failures++
      throw new Error('down')
    }
    const sink = new FakeSink()
    hub.join(scope, view, sink, stays)
    await eventually(() => failures).toBeGreaterThan(3)
    expect(sink.destroyed).toBe(false)
    clickhouse.answer = () => []
    await eventually(() => sink.messages.length).toBe(1)
  })

  test('too many clients or too many different views are refused', async () => {
    const { hub, scope } = await setUp(50)
    for (let i = 0; i < 32; i++) hub.join(scope, filtered(`model-${i}`), new FakeSink(), stays)
    expect(() => hub.admit(scope, filtered('one-more'))).toThrow(expect.objectContaining({ code: 'overloaded' }))
    for (let i = 0; i < 8; i++) hub.join(scope, filtered('model-1'), new FakeSink(), stays)
    expect(() => hub.admit(scope, filtered('model-1'))).toThrow(expect.objectContaining({ code: 'overloaded' }))
  })

  test('close ends every connection and admits no other', async () => {
    const { hub, scope } = await setUp()
    const sink = new FakeSink()
    hub.join(scope, view, sink, stays)
    await hub.close()
    expect(sink.ended).toBe(true)
    expect(() => hub.admit(scope, view)).toThrow(expect.objectContaining({ code: 'shutting_down' }))
  })

  test('ends the connection of a client that may not stay, and no other', async () => {
    const { hub, scope } = await setUp()
    const [revoked, other] = [new FakeSink(), new FakeSink()]
    hub.join(scope, view, revoked, async () => false)
    hub.join(scope, view, other, stays)
    await hub.check()
    expect([revoked.ended, other.ended]).toEqual([true, false])
    expect(hub.connections).toBe(1)
  })
})
