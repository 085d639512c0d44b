import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { openLog } from '@ecomind/event-log'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readEvents, readMetric } from '../test-support/edge-fixture.ts'
import { ingestBytes, openRawClient } from '../test-support/raw-client.ts'
import { validEvent } from '../test-support/valid-event.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

interface EdgeProcess {
  readonly child: ChildProcess
  readonly output: () => string
  /** Resolves with the port that the log line names. */
  readonly listening: Promise<number>
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
}

describe('the edge as a process', () => {
  let dir = ''
  let children: ChildProcess[] = []
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'edge-main-'))
    children = []
  })
  afterEach(async () => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    rmSync(dir, { recursive: true })
  })

  function startProcess(
    env: Record<string, string> = {},
    args: string[] = [],
    out: 'pipe' | number = 'pipe',
  ): EdgeProcess {
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], {
      env: { ...process.env, ECOMIND_DATA_DIR: dir, EDGE_PORT: '0', ...env },
      stdio: ['ignore', out, 'pipe', 'ipc'] satisfies StdioOptions,
    })
    children.push(child)
    let output = ''
    const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
    const listening = new Promise<number>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        output += chunk.toString()
        const port = /"address":"http:\/\/127\.0\.0\.1:(\d+)"/.exec(output)?.[1]
        if (port !== undefined) resolve(Number(port))
      }
      child.stdout?.on('data', read)
      child.stderr?.on('data', read)
      void ended.then(() => reject(new Error(`the edge ended before it listened: ${output}`)))
    })
    listening.catch(() => {})
    return { child, output: () => output, listening, ended }
  }

  const event = (eventId: string) => JSON.stringify(validEvent({ ts: Date.now(), event_id: eventId }))
  const post = (port: number, eventId: string) =>
    fetch(`http://127.0.0.1:${port}/v1/ingest`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: event(eventId),
    })

  async function storedIds(): Promise<string[]> {
    const log = await openLog({ kind: 'embedded', dir: join(dir, 'log'), partitions: 2 })
    const ids = (await readEvents(log)).map((stored) => stored.event_id)
    await log.close()
    return ids.sort()
  }

  it('says at its start where it listens and for whom events are accepted', async () => {
    const edge = startProcess()
    await edge.listening
    await vi.waitFor(() => expect(edge.output()).toContain('accepted without authentication, for org_demo only'), {
      timeout: 60_000,
    })
    expect(edge.output()).toContain('"mode":"local"')
  })

  it('answers the requests under way at SIGTERM with 202, durably, and then ends with 0', async () => {
    const edge = startProcess({ EDGE_FLUSH_DELAY_MS: '700' })
    const port = await edge.listening
    const ids = Array.from({ length: 20 }, (_, i) => `drain-${i + 1000}`)
    const half = await openRawClient(port)
    half.send(
      ingestBytes(event('drain-half').slice(0, 50), [
        'Content-Type: application/json',
        `Content-Length: ${event('drain-half').length}`,
      ]),
    )
    const answers = ids.map((id) => post(port, id))
    await vi.waitFor(
      async () => expect(await readMetric(port, 'ecomind_edge_in_flight_requests')).toBeGreaterThan(20),
      { timeout: 60_000 },
    )
    edge.child.kill('SIGTERM')
    await vi.waitFor(() => expect(edge.output()).toContain('answers what is under way'), { timeout: 60_000 })
    half.send(event('drain-half').slice(50))
    expect((await half.answer())?.status).toBe(202)
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe(202)
    expect(await edge.ended).toBe(0)
    expect(await storedIds()).toEqual([...ids, 'drain-half'].sort())
  })

  it('refuses new requests on open connections while it stops', async () => {
    const edge = startProcess({ EDGE_FLUSH_DELAY_MS: '1000' })
    const port = await edge.listening
    const idle = await openRawClient(port)
    const waiting = await openRawClient(port)
    waiting.send(ingestBytes(event('waiting-0001')))
    await vi.waitFor(async () => expect(await readMetric(port, 'ecomind_edge_in_flight_requests')).toBe(2), {
      timeout: 60_000,
    })
    edge.child.kill('SIGTERM')
    await vi.waitFor(() => expect(edge.output()).toContain('answers what is under way'), { timeout: 60_000 })
    idle.send(ingestBytes(event('too-late-0001')))
    const refused = await idle.answer()
    expect([refused?.status, refused?.headers.get('retry-after'), refused?.body.includes('shutting_down')]).toEqual([
      503,
      '1',
      true,
    ])
    expect((await waiting.answer())?.status).toBe(202)
    expect(await edge.ended).toBe(0)
    expect(await storedIds()).toEqual(['waiting-0001'])
  })

  it('goes on answering, and stops with 0, when its log can not be written', async () => {
    const port = await closedPort()
    const edge = startProcess({ EDGE_PORT: String(port), EDGE_LOG_LEVEL: 'trace' }, [], openSync('/dev/full', 'w'))
    await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200), {
      timeout: 60_000,
    })
    expect((await post(port, 'unlogged-0001')).status).toBe(202)
    edge.child.kill('SIGTERM')
    expect(await edge.ended).toBe(0)
    expect(await storedIds()).toEqual(['unlogged-0001'])
  })

  it('stops when its supervisor is gone', async () => {
    const edge = startProcess()
    await edge.listening
    edge.child.disconnect()
    expect(await edge.ended).toBe(0)
  })

  it('stops when its supervisor went while it was starting', async () => {
    const edge = startProcess()
    edge.child.disconnect()
    expect(await edge.ended).toBe(0)
  })

  it('names EDGE_PORT and ends with an error when the port is taken', async () => {
    const port = await startProcess().listening
    const second = startProcess({ EDGE_PORT: String(port), ECOMIND_DATA_DIR: join(dir, 'second') })
    expect(await second.ended).toBe(1)
    expect(second.output()).toMatch(new RegExp(`EDGE_PORT ${port} is taken`))
  })

  it('checks its settings and ends, or prints all faults', async () => {
    expect(await startProcess({}, ['--check-config']).ended).toBe(0)
    const faulty = startProcess({ EDGE_PORT: 'x', EDGE_EVENTS_MAX: '0' }, ['--check-config'])
    expect(await faulty.ended).toBe(1)
    expect(faulty.output()).toMatch(/EDGE_PORT[\s\S]*EDGE_EVENTS_MAX/)
  })

  it('refuses production mode without secret keys', async () => {
    const edge = startProcess({ ECOMIND_MODE: 'production' })
    expect(await edge.ended).toBe(1)
    expect(edge.output()).toMatch(/ECOMIND_SECRET_KEYS: production needs them/)
  })

  it.each([
    ['edge-before-append', [], false],
    ['edge-after-append', ['killed-0001'], false],
    ['edge-after-answer', ['killed-0001'], true],
  ])('killed at %s leaves %j in the log', async (name, stored, mayAnswer) => {
    const edge = startProcess({ ECOMIND_FAULT_POINT: `${name}:1` })
    const port = await edge.listening
    const status = await post(port, 'killed-0001').then(
      (answer) => answer.status,
      () => 'cut',
    )
    expect(await edge.ended).toBe('SIGKILL')
    expect(mayAnswer ? ['cut', 202] : ['cut']).toContain(status)
    expect(await storedIds()).toEqual(stored)
  })

  it('gives the same answers with the JavaScript engine', async () => {
    const edge = startProcess({ EDGE_HTTP_ENGINE: 'javascript' })
    const port = await edge.listening
    expect(edge.output()).toContain('"httpEngine":"javascript"')
    const url = `http://127.0.0.1:${port}`
    const json = { 'content-type': 'application/json' }
    const ask = async (path: string, init: RequestInit = {}) => {
      const answer = await fetch(`${url}${path}`, init)
      await answer.text()
      return answer.status
    }
    expect(await ask('/v1/ingest?x=1', { method: 'POST', headers: json, body: event('javascript-1') })).toBe(202)
    const gzip = { ...json, 'content-encoding': 'gzip' }
    expect(await ask('/v1/ingest', { method: 'POST', headers: gzip, body: gzipSync(event('javascript-2')) })).toBe(202)
    expect(await ask('/v1/ingest', { method: 'POST', headers: json, body: '{' })).toBe(400)
    expect(await ask('/v1/ingest', { method: 'POST', headers: json, body: Buffer.alloc(3_000_000, 0x20) })).toBe(413)
    expect(await ask('/v1/ingest', { method: 'POST', body: 'x' })).toBe(415)
    expect(await ask('/v1/ingest')).toBe(405)
    expect(await ask('/v1/ingest', { method: 'OPTIONS' })).toBe(204)
    expect(await ask('/nowhere')).toBe(404)
    expect(await ask('/health')).toBe(200)
    expect(await ask('/health', { method: 'HEAD' })).toBe(200)
    expect(await ask('/metrics')).toBe(200)
    edge.child.kill('SIGTERM')
    expect(await edge.ended).toBe(0)
    expect(await storedIds()).toEqual(['javascript-1', 'javascript-2'])
  })
})

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
