import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { health } from '@ecomind/schemas'
import { readKeyRing, signKeySnapshot } from '@ecomind/schemas/keys'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type EdgeFixture, readEvents, readMetric, startTestEdge } from '../../test-support/edge-fixture.ts'
import { ingestBytes, sendRaw } from '../../test-support/raw-client.ts'
import { SmallControlPlane } from '../../test-support/small-control-plane.ts'
import { testEngines } from '../../test-support/test-engines.ts'
import { validEvent } from '../../test-support/valid-event.ts'
import { type KeyCheck, openKeyCheck } from './open-key-check.ts'

const ring = readKeyRing(`k1:${randomBytes(32).toString('base64')}`)
const WAIT = { timeout: 60_000, interval: 20 }

interface KeyedEdge extends EdgeFixture {
  readonly keyCheck: KeyCheck
  readonly dir: string
}

describe.each(testEngines())('an edge that checks keys, $name engine', ({ httpEngine }) => {
  let plane: SmallControlPlane
  let undo: (() => Promise<void> | void)[]
  beforeEach(async () => {
    plane = new SmallControlPlane(ring)
    undo = []
    await plane.start()
  })
  afterEach(async () => {
    for (const step of undo.reverse()) await step()
    await plane.kill()
  })

  /** `dir`: what an earlier edge remembers. */
  async function startEdge(dir = mkdtempSync(join(tmpdir(), 'edge-keys-'))): Promise<KeyedEdge> {
    const lines: string[] = []
    const logger = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) })
    const keys = { ring, controlUrl: plane.url, dir, redisUrl: null }
    const keyCheck = await openKeyCheck(keys, logger, Date.now)
    const edge = await startTestEdge({ httpEngine, mode: 'production', keys }, { keyCheck })
    const keyed = { ...edge, lines, keyCheck, dir }
    undo.push(async () => {
      await keyed.stop()
      await keyCheck.stop()
      rmSync(dir, { recursive: true, force: true })
    })
    return keyed
  }

  const send = async (edge: EdgeFixture, secret: string | null, event: Record<string, unknown> = {}) => {
    const { org_id: _, ...rest } = validEvent({ ts: Date.now() })
    return await fetch(`http://127.0.0.1:${edge.port}/v1/ingest`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
      },
      body: JSON.stringify({ ...rest, ...event }),
    })
  }
  const statusOf = async (...args: Parameters<typeof send>) => (await send(...args)).status
  const healthOf = async (edge: EdgeFixture) =>
    health.parse(await (await fetch(`http://127.0.0.1:${edge.port}/health`)).json())

  test('an event with a key is of its organisation, named or not, and of no other', async () => {
    const a = plane.makeKey()
    const b = plane.makeKey({ org_id: 'org_b' })
    const edge = await startEdge()
    expect(await statusOf(edge, a.secret)).toBe(202)
    expect(await statusOf(edge, b.secret, { org_id: 'org_b' })).toBe(202)
    const foreign = await send(edge, a.secret, { org_id: 'org_b' })
    expect(foreign.status).toBe(400)
    expect(await foreign.json()).toMatchObject({ rejected: [{ code: 'org_not_allowed', field: 'org_id' }] })
    expect((await readEvents(edge.log)).map((event) => event.org_id).sort()).toEqual(['org_a', 'org_b'])
  })

  test('without a key 401 with a challenge, without the right 403, and nothing is stored', async () => {
    const reader = plane.makeKey({ scopes: ['read'] })
    const expired = plane.makeKey({ expires_at_ms: Date.now() - 1 })
    const edge = await startEdge()
    const refused = await send(edge, null)
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="ecomind"')
    expect(await refused.json()).toMatchObject({ error: { code: 'unauthorized' } })
    expect(await statusOf(edge, expired.secret)).toBe(401)
    expect(await statusOf(edge, reader.secret)).toBe(403)
    expect(await readEvents(edge.log)).toEqual([])
    expect(edge.lines.join('')).not.toContain(expired.secret.slice(6))
  })

  test.each([
    ['a NUL', (secret: string) => [`Authorization: Bearer ${secret.slice(0, 20)}\0${secret.slice(20)}`]],
    ['bytes beyond ASCII', (s: string) => [`Authorization: Bearer ${s.slice(0, 20)}\xc3\xa4${s.slice(20)}`]],
    ['eight kilobytes', (secret: string) => [`Authorization: Bearer ${secret}${'x'.repeat(8000)}`]],
    ['the header twice', (secret: string) => [`Authorization: Bearer ${secret}`, `Authorization: Bearer ${secret}`]],
    ['a wrong one behind a right one', (s: string) => [`Authorization: Bearer ${s}`, 'Authorization: Bearer eco_i_x']],
    ['basic', (secret: string) => [`Authorization: Basic ${Buffer.from(`org_a:${secret}`).toString('base64')}`]],
    ['no scheme', (secret: string) => [`Authorization: ${secret}`]],
  ])('%s lets nobody in', async (_, headers) => {
    const { secret } = plane.makeKey()
    const edge = await startEdge()
    const event = JSON.stringify(validEvent({ org_id: 'org_a', ts: Date.now() }))
    const answer = await sendRaw(edge.port, ingestBytes(event, ['Content-Type: application/json', ...headers(secret)]))
    // An engine may close the connection on bytes that no header may have.
    if (answer !== null) expect([400, 401, 431]).toContain(answer.status)
    expect(await readEvents(edge.log)).toEqual([])
    expect(await statusOf(edge, secret)).toBe(202)
  })

  test('the scheme may be written in lower case', async () => {
    const { secret } = plane.makeKey()
    const edge = await startEdge()
    const event = JSON.stringify(validEvent({ org_id: 'org_a', ts: Date.now() }))
    const headers = ['Content-Type: application/json', `authorization: bearer ${secret}`]
    expect((await sendRaw(edge.port, ingestBytes(event, headers)))?.status).toBe(202)
  })

  test('a revoked key is refused at each of two edges, a new one taken at both', async () => {
    const key = plane.makeKey()
    const edges = [await startEdge(), await startEdge()]
    for (const edge of edges) expect(await statusOf(edge, key.secret)).toBe(202)
    plane.revoke(key)
    const fresh = plane.makeKey()
    for (const edge of edges) {
      await vi.waitFor(async () => expect(await statusOf(edge, key.secret)).toBe(401), WAIT)
      await vi.waitFor(async () => expect(await statusOf(edge, fresh.secret)).toBe(202), WAIT)
    }
    const { whole } = plane.answered
    await vi.waitFor(() => expect(plane.answered.unchanged).toBeGreaterThan(4), WAIT)
    expect(plane.answered.whole).toBe(whole)
  })

  test('edges go on while the control plane is away, also one that starts then, and follow it when it is back', async () => {
    const key = plane.makeKey()
    const short = plane.makeKey({ expires_at_ms: Date.now() + 4000 })
    const edge = await startEdge()
    await plane.kill()
    await vi.waitFor(async () => expect((await healthOf(edge)).checks['keys']?.detail).toMatch(/no news of keys/), WAIT)
    expect(await statusOf(edge, key.secret)).toBe(202)
    expect(await readMetric(edge.port, 'ecomind_edge_keys')).toBe(2)

    const restarted = await startEdge(edge.dir)
    expect(await statusOf(restarted, key.secret)).toBe(202)
    expect((await healthOf(restarted)).status).toBe('degraded')
    for (const one of [edge, restarted])
      await vi.waitFor(async () => expect(await statusOf(one, short.secret)).toBe(401), WAIT)

    plane.revoke(key)
    const fresh = plane.makeKey()
    await plane.start()
    for (const one of [edge, restarted]) {
      await vi.waitFor(async () => expect(await statusOf(one, key.secret)).toBe(401), WAIT)
      expect(await statusOf(one, fresh.secret)).toBe(202)
      await vi.waitFor(async () => expect((await healthOf(one)).checks['keys']?.status).toBe('ok'), WAIT)
    }
  })

  test('an edge that never had keys says so and asks clients to come again', async () => {
    const { secret } = plane.makeKey()
    await plane.kill()
    const edge = await startEdge()
    const refused = await send(edge, secret)
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('2')
    expect(await refused.json()).toMatchObject({ error: { code: 'keys_unavailable' } })
    expect(await healthOf(edge)).toMatchObject({ status: 'down', checks: { keys: { status: 'down' } } })
    await plane.start()
    await vi.waitFor(async () => expect(await statusOf(edge, secret)).toBe(202), WAIT)
  })

  test('neither an old snapshot nor one of a stranger takes the place of what is known', async () => {
    const key = plane.makeKey()
    const signedBefore = signKeySnapshot(ring, plane.snapshot)
    const edge = await startEdge()
    plane.revoke(key)
    await vi.waitFor(async () => expect(await statusOf(edge, key.secret)).toBe(401), WAIT)
    const stranger = readKeyRing(`k1:${randomBytes(32).toString('base64')}`)
    const forged = signKeySnapshot(stranger, { ...plane.snapshot, revision: 99, keys: [key.entry] })
    for (const [instead, fault] of [
      [signedBefore, /older than/],
      [forged, /signature is wrong/],
      ['<html>', /signed snapshot/],
    ] as const) {
      plane.instead = instead
      const { whole } = plane.answered
      await vi.waitFor(() => expect(plane.answered.whole).toBeGreaterThan(whole + 1), WAIT)
      await vi.waitFor(() => expect(edge.lines.join('')).toMatch(fault), WAIT)
      expect(await statusOf(edge, key.secret)).toBe(401)
    }
    expect(readFileSync(join(edge.dir, 'keys.json'), 'utf8')).toBe(signKeySnapshot(ring, plane.snapshot))
  })

  test('keys lie on disk for the edge alone, and without their secrets', async () => {
    const { secret } = plane.makeKey()
    const edge = await startEdge()
    expect(statSync(join(edge.dir, 'keys.json')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(edge.dir, 'keys.json'), 'utf8')).not.toContain(secret.slice(6))
  })

  test('a file of keys that was changed is not used', async () => {
    const key = plane.makeKey()
    const edge = await startEdge()
    await plane.kill()
    const { writeFileSync } = await import('node:fs')
    const file = join(edge.dir, 'keys.json')
    writeFileSync(file, readFileSync(file, 'utf8').replace('org_a', 'org_b'))
    const restarted = await startEdge(edge.dir)
    expect(await statusOf(restarted, key.secret)).toBe(503)
  })

  test('over the rate is 429 with the way back, under it the answer says what is left', async () => {
    const key = plane.makeKey({ rate_per_second: 3 })
    const edge = await startEdge()
    const answers = await Promise.all(Array.from({ length: 30 }, () => send(edge, key.secret)))
    const taken = answers.filter((answer) => answer.status === 202)
    const refused = answers.filter((answer) => answer.status === 429)
    expect(taken.length + refused.length).toBe(30)
    expect(taken.length).toBeGreaterThanOrEqual(3)
    expect(refused.length).toBeGreaterThan(0)
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    for (const answer of [...taken, ...refused]) {
      expect(answer.headers.get('ratelimit-limit')).toBe('3')
      expect(answer.headers.get('ratelimit-policy')).toBe('3;w=1')
      expect(answer.headers.get('ratelimit-remaining')).toMatch(/^[0-3]$/)
    }
    expect(await refused[0]?.json()).toMatchObject({ error: { code: 'rate_limited' } })
    await vi.waitFor(async () => expect(await statusOf(edge, key.secret)).toBe(202), WAIT)
    expect((await readEvents(edge.log)).length).toBe(taken.length + 1)
  })

  test('the quota of an organisation is one for all its keys and outlives a restart', async () => {
    const keys = [plane.makeKey(), plane.makeKey()]
    const other = plane.makeKey({ org_id: 'org_b' })
    plane.snapshot = {
      ...plane.snapshot,
      organisations: [{ id: 'org_a', rate_per_second: null, events_per_day_max: 3 }],
    }
    const edge = await startEdge()
    expect(await statusOf(edge, keys[0]?.secret ?? '')).toBe(202)
    expect(await statusOf(edge, keys[1]?.secret ?? '')).toBe(202)
    await edge.keyCheck.stop()
    const restarted = await startEdge(edge.dir)
    expect(await statusOf(restarted, keys[0]?.secret ?? '')).toBe(202)
    const refused = await send(restarted, keys[1]?.secret ?? '')
    expect(refused.status).toBe(429)
    expect(refused.headers.get('ratelimit-policy')).toBe('3;w=86400')
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(86_400)
    expect(await statusOf(restarted, other.secret)).toBe(202)
  })

  test('the control plane is told which keys were used', async () => {
    const key = plane.makeKey()
    plane.makeKey()
    const edge = await startEdge()
    expect(await statusOf(edge, key.secret)).toBe(202)
    await edge.keyCheck.stop()
    expect(plane.uses).toMatchObject([{ org_id: 'org_a', key_id: key.entry.id }])
  })
})
