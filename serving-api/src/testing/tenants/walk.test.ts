/** The walk against routes that leak on purpose: each must be caught. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { eventsRoute } from '../../endpoints/events.ts'
import { explainRoute } from '../../endpoints/explain.ts'
import { phantomOf, type Tenant } from './tenant.ts'
import { type Walk, walk } from './walk.ts'

const tenant = (mark: string): Tenant => {
  const names = ['orgId', 'name', 'userId', 'teamId', 'projectId', 'model', 'eventId', 'accountId', 'email', 'keyId']
  const more = ['overrideId', 'factorSetId', 'runId', 'erasureId', 'oidcId', 'samlId', 'domain', 'issuerId']
  const all = [...names, ...more, 'sessionId', 'passkeyId', 'quarantineId', 'groupId', 'idempotencyKey'].map((name) => [
    name,
    `${name}-${mark}`,
  ])
  const cursor = Buffer.from(JSON.stringify({ v: 1, list: 'events', org: `orgId-${mark}`, at: { ts: 1, id: 'e' } }))
  const cursors = { '/v1/events': cursor.toString('base64url') }
  const keys = { admin: `a-${mark}`, read: `r-${mark}`, ingest: `i-${mark}` }
  return { things: { mark, cursors, ...Object.fromEntries(all) } as Tenant['things'], keys, calls: 1 }
}
const own = tenant('zqa11111111')
const other = tenant('zqb22222222')

let server: Server | undefined
afterEach(() => server?.close())

async function faultsAt(listener: RequestListener, step: Partial<Walk> = {}): Promise<readonly string[]> {
  server = createServer(listener)
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return await walk({
    url: `http://127.0.0.1:${port}`,
    route: explainRoute,
    signs: {},
    asker: own.things,
    foreign: other.things,
    fields: ['path.id'],
    others: [other],
    ...step,
  })
}

const isTheirs = (url = ''): boolean => decodeURIComponent(url).includes(other.things.mark)

test('is content with a route that answers the same whatever is asked for', async () => {
  expect(await faultsAt((_, res) => res.writeHead(404).end('{"error":{"code":"not_found"}}'))).toEqual([])
})

test('is content with a route that repeats what was asked for', async () => {
  expect(await faultsAt((req, res) => res.writeHead(404).end(`nothing at ${req.url}`))).toEqual([])
})

test.each<[string, RequestListener]>([
  ['gives a row of another organisation', (_, res) => res.end(JSON.stringify({ model: other.things.model }))],
  ['gives it in a header', (_, res) => res.setHeader('etag', other.things.keyId).end()],
  ['says forbidden instead of not found', (req, res) => res.writeHead(isTheirs(req.url) ? 403 : 404).end()],
  ['counts rows of others', (req, res) => res.end(JSON.stringify({ calls: isTheirs(req.url) ? 1 : 0 }))],
  ['falls over', (_, res) => res.writeHead(500).end()],
])('catches a route that %s', async (_, listener) => {
  expect(await faultsAt(listener)).not.toEqual([])
})

test('catches a list that goes on at a place of another organisation', async () => {
  const listener: RequestListener = (req, res) => {
    const cursor = new URL(`http://x${req.url}`).searchParams.get('cursor') ?? ''
    const isKnown = Buffer.from(cursor, 'base64url').toString().includes(other.things.orgId)
    res.end(JSON.stringify({ items: [], more: isKnown }))
  }
  expect(await faultsAt(listener, { route: eventsRoute, fields: ['query.cursor'] })).not.toEqual([])
})

test('things that nobody has are of the same form and not the same', () => {
  const phantom = phantomOf(other.things)
  for (const [name, value] of Object.entries(phantom)) {
    const theirs = other.things[name as keyof typeof phantom]
    expect(value).not.toEqual(theirs)
    if (typeof value === 'string') expect(value).toHaveLength(String(theirs).length)
  }
})
