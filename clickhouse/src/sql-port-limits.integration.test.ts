/** The limits of the SQL port, at its socket: time, memory, rows, bytes, statements at a time, clients that go away. */
import { request } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ANALYST_LIMITS } from './analyst-settings.ts'
import type { SqlPortLogEntry } from './sql-port.ts'
import { openPortWorld, type PortWorld } from './test-support/port-world.ts'

let world: PortWorld
const log: SqlPortLogEntry[] = []

beforeAll(async () => {
  world = await openPortWorld({
    maxRunning: 2,
    maxWaiting: 4,
    limits: { ...ANALYST_LIMITS, maxExecutionMs: 2000, maxResultRows: 200_000, maxMemoryBytes: 200_000_000 },
    // Shorter than a statement may run: waiting for an answer is not dawdling.
    port: { clientTimeoutMs: 1500, onRequest: (entry) => log.push(entry) },
  })
})
afterAll(async () => {
  await world.close()
})

describe('openSqlPort under load', () => {
  test.each([
    ['time', 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1', 408, '159'],
    ['rows', 'SELECT number FROM numbers(300000)', 500, '396'],
    ['memory', 'SELECT length(groupArray(number)) FROM numbers(200000000)', 500, '241'],
  ])('a statement over the limit on %s ends with an error', async (_, text, status, code) => {
    const answer = await world.ask(text)
    expect({ status: answer.status, code: answer.headers.get('x-clickhouse-exception-code') }).toEqual({ status, code })
  })

  test('nothing of a failed statement is in the next answer', async () => {
    for (let i = 0; i < 5; i++) {
      await world.ask("SELECT number, toUInt8(if(number = 70000, 'x', '1')) FROM numbers(100000)")
      expect((await world.ask('SELECT 1')).text).toBe('1\n')
    }
  })

  test('a body that is too large is refused, said or not said in advance', async () => {
    expect((await world.ask(`SELECT '${'x'.repeat(300_000)}'`)).status).toBe(413)
    const status = await new Promise<number>((resolve, reject) => {
      const asked = request(
        world.url(),
        { method: 'POST', headers: { 'transfer-encoding': 'chunked' } },
        (response) => {
          response.resume()
          resolve(response.statusCode ?? 0)
        },
      )
      asked.on('error', reject)
      asked.end(`SELECT '${'x'.repeat(300_000)}'`)
    })
    expect(status).toBe(413)
  })

  test('more statements at a time than may wait are told to come later, and all others are answered', async () => {
    const all = await Promise.all(
      Array.from({ length: 12 }, () =>
        world.ask('SELECT count() FROM numbers(2000000) WHERE sipHash64(number) % 7 = 1'),
      ),
    )
    const statuses = all.map((answer) => answer.status)
    expect(statuses.filter((s) => s === 503).length).toBeGreaterThan(0)
    expect(statuses.filter((s) => s === 200).length).toBeGreaterThanOrEqual(6)
    expect(all.find((a) => a.status === 503)?.headers.get('retry-after')).toBe('1')
  })

  test('a client that goes away leaves nothing behind that stops the next one', async () => {
    for (let i = 0; i < 6; i++) {
      const socket = connect(world.port.port, '127.0.0.1')
      const body = 'SELECT count() FROM numbers(20000000) WHERE sipHash64(number) = 1'
      await new Promise<void>((resolve) => socket.once('connect', resolve))
      socket.write(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
      socket.destroy()
    }
    await expect.poll(async () => (await world.ask('SELECT 1')).status, { timeout: 120_000 }).toBe(200)
  })
  test('the statement of a client that goes away is killed, long before its limit', async () => {
    const text = 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 2'
    const gone = new AbortController()
    const asked = fetch(world.url(), { method: 'POST', body: text, signal: gone.signal })
    const running = async (): Promise<number> => {
      const [row] = await world.ch.query<{ n: string }>({
        text: `SELECT toString(countIf(query LIKE '%sipHash64(number) = 2%' AND query NOT LIKE '%processes%')) AS n
          FROM system.processes`,
      })
      return Number(row?.n)
    }
    await expect.poll(running, { timeout: 20_000 }).toBeGreaterThan(0)
    gone.abort()
    await expect(asked).rejects.toThrow()
    await expect.poll(() => log.at(-1)?.errorCode, { timeout: 20_000 }).toBe(394)
    expect(await running()).toBe(0)
  })

  test('the log tells of requests without their text', () => {
    expect(log.length).toBeGreaterThan(0)
    expect(JSON.stringify(log)).not.toMatch(/SELECT|FROM|canary/i)
  })
})
