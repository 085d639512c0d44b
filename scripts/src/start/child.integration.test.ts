import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pidExists } from '@ecomind/event-log'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../bench/free-ports.ts'
import { type Child, startChild } from './child.ts'

let dir: string
let child: Child | null = null
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-child-'))
})
afterEach(async () => {
  await child?.stop(2000)
  await rm(dir, { recursive: true, force: true })
})

async function launch(source: string, port: number): Promise<Child> {
  const entry = join(dir, 'entry.mjs')
  await writeFile(entry, source)
  const healthUrl = `http://127.0.0.1:${port}/health`
  const logFile = join(dir, 'logs/part.log')
  const spec = { name: 'part', entry, cwd: process.cwd(), logFile, env: process.env, healthUrl, say: () => {} }
  child = startChild({ ...spec, downMsMax: 300 })
  return child
}

const answering = (port: number, status: number, checks: object): string =>
  `import { createServer } from 'node:http'
   createServer((_, res) => res.writeHead(${status}).end(${JSON.stringify(JSON.stringify({ checks }))})).listen(${port})`

test('a part that answers well is healthy', async () => {
  const port = await freePort()
  await (await launch(answering(port, 200, { loader: { status: 'degraded' } }), port)).healthy
})

test('a part that stays down fails the start with what it says of itself', async () => {
  const port = await freePort()
  const { healthy } = await launch(answering(port, 503, { loader: { status: 'down', detail: 'old backup' } }), port)
  await expect(healthy).rejects.toThrow(/^start part: loader down, old backup \(log: .*part\.log\)$/)
})

test('a part that is stopped while it starts does not count as healthy: what follows it is not started', async () => {
  const stopped = await launch('setInterval(() => {}, 1000)', await freePort())
  const outcome = stopped.healthy.then(
    () => 'healthy',
    (error: Error) => error.message,
  )
  await stopped.stop(2000)
  expect(await outcome).toBe('start part: it was stopped before it was healthy')
})

test('a part that ends fails the start with what this run wrote, not what an earlier one did', async () => {
  const port = await freePort()
  await expect((await launch("console.error('first fault'); process.exit(3)", port)).healthy).rejects.toThrow('code 3')
  const { healthy } = await launch("console.error('second fault'); process.exit(4)", port)
  await expect(healthy).rejects.toThrow(/^part ended with code 4\nsecond fault$/)
})

/** Another process, as far as the child can tell. */
async function listenThere(port: number, answer: RequestListener): Promise<void> {
  const server = createServer(answer)
  onTestFinished(() => void server.close().closeAllConnections())
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
}

test('where another process answers already nothing is started: its health is not the health of the part', async () => {
  const port = await freePort()
  await listenThere(port, (_, res) => res.end('{"checks":{}}'))
  const started = join(dir, 'started')
  const source = `import { writeFileSync } from 'node:fs'
   writeFileSync(${JSON.stringify(started)}, '')
   setTimeout(() => process.exit(1), 500)`
  await expect((await launch(source, port)).healthy).rejects.toThrow(
    `start part: another process answers at http://127.0.0.1:${port}/health already; stop it, or set another port for part`,
  )
  expect(existsSync(started)).toBe(false)
})

test('an answer by another process does not make a part healthy that has ended', async () => {
  const port = await freePort()
  const { healthy, pid } = await launch("console.error('port is taken'); process.exit(1)", port)
  healthy.catch(() => {})
  await expect.poll(pid).toBeGreaterThan(0)
  const ended = expect.poll(() => pidExists(pid())).toBe(false)
  await listenThere(port, (_, res) => void ended.then(() => res.end('{"checks":{}}')))
  await expect(healthy).rejects.toThrow(/^part ended with code 1\nport is taken$/)
})

test('before a restart it is renewed; when that fails, what is there is run', async () => {
  const port = await freePort()
  const ending = `${answering(port, 200, {})}\n setTimeout(() => process.exit(1), 2000)`
  const entry = join(dir, 'entry.mjs')
  await writeFile(entry, ending)
  const said: string[] = []
  const renew = async () => {
    if (said.some((line) => line.includes('no space'))) await writeFile(entry, answering(port, 200, {}))
    else throw new Error('no space')
  }
  const spec = { name: 'part', entry, cwd: process.cwd(), logFile: join(dir, 'logs/part.log'), env: process.env }
  child = startChild({ ...spec, healthUrl: `http://127.0.0.1:${port}/health`, renew, say: (line) => said.push(line) })
  await child.healthy
  await expect.poll(() => said.filter((line) => line.includes('ended with code 1')).length).toBe(2)
  expect(said).toContain('no space')
  const status = () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      (answer) => answer.status,
      () => 0,
    )
  await expect.poll(status).toBe(200)
})
