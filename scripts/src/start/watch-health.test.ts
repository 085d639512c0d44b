import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { watchHealth } from './watch-health.ts'

let server: Server
let checks: Record<string, { status: string; detail?: string }> = {}
let stop = () => {}
const said: string[] = []

beforeEach(async () => {
  said.length = 0
  checks = { loader: { status: 'ok' }, log: { status: 'ok' } }
  server = createServer((_, response) => response.end(JSON.stringify({ status: 'x', checks })))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  stop = watchHealth({
    name: 'core',
    healthUrl: `http://127.0.0.1:${port}/health`,
    say: (line) => said.push(line),
    everyMs: 10,
  })
})
afterEach(() => {
  stop()
  server.close()
})

test('trouble is told once with its detail, and so is its end', async () => {
  checks = { loader: { status: 'down', detail: 'partition 0 stopped' }, log: { status: 'ok' } }
  await expect.poll(() => said).toEqual(['core is in trouble: loader down, partition 0 stopped'])
  checks = { loader: { status: 'ok', detail: '' }, log: { status: 'ok' } }
  await expect.poll(() => said.slice(1)).toEqual(['core is well again'])
})

test('nothing is said while all is well or nobody answers', async () => {
  server.close()
  server.closeAllConnections()
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(said).toEqual([])
})
