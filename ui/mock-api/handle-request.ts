/** The mock serving API over node's http: answers shaped as the real one's, one function for the dev server and for tests. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { explanationOf } from './footprint.ts'
import { MockFault } from './mock-fault.ts'
import { MOCK_ORG_ID, MockStore } from './mock-store.ts'
import { asScenario, asSomeone, SCENARIO_COOKIE, type Scenario, scenarioOfCookie } from './scenarios.ts'
import { answerSignIn, isSignedIn, MOCK_ORG_IDS, requireRight, SIGNED_OUT_COOKIE } from './sign-in.ts'
import { filtersParam, liveAnswer, passes, todayAnswer, usageAnswer, zoneParam } from './usage-answer.ts'

export interface MockOptions {
  readonly now: () => number
  /** Where a request's cookie names none. */
  readonly scenario: Scenario
  /** Of the scenario `slow`, ms. */
  readonly slowMs: number
  /** Between two live messages, ms. */
  readonly liveEveryMs: number
}

export const MOCK_DEFAULTS: MockOptions = { now: Date.now, scenario: 'sample', slowMs: 2_500, liveEveryMs: 2_000 }

export interface MockApi {
  /** True when the request was the mock's. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>
  readonly store: MockStore
  close(): void
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw new MockFault(400, 'malformed_json', 'The body is not JSON')
  }
}

/** Undefined where there is none. */
async function readBody(request: IncomingMessage): Promise<unknown> {
  return request.method === 'POST' && request.headers['content-type'] !== undefined
    ? await readJson(request)
    : undefined
}

/** What a GET answers; in the scenario `error` only the day's numbers come through. */
function answerOf(url: URL, scenario: Scenario, store: MockStore, nowMs: number): unknown {
  const orgId = url.searchParams.get('org_id') ?? MOCK_ORG_ID
  const someone = asSomeone(scenario)
  if (!(someone === undefined ? [MOCK_ORG_ID] : MOCK_ORG_IDS[someone]).includes(orgId))
    throw new MockFault(404, 'not_found', 'There is nothing under this address for this organisation')
  if (someone !== undefined) requireRight(someone, url.pathname)
  if (url.pathname === '/v1/today') return todayAnswer(store.events(scenario), url.searchParams, orgId, nowMs)
  if (scenario === 'error') throw new MockFault(503, 'database_unavailable', 'The database does not answer')
  if (url.pathname === '/v1/usage') return usageAnswer(store.events(scenario), url.searchParams, nowMs)
  if (url.pathname === '/v1/events') {
    const filters = filtersParam(url.searchParams)
    const limit = Number(url.searchParams.get('limit') ?? '100')
    const newest = store
      .events(scenario)
      .filter((event) => passes(event, filters))
      .slice(-limit)
      .reverse()
    return { items: newest.map((event) => event.item) }
  }
  const eventId = /^\/v1\/events\/([^/]+)\/explain$/.exec(url.pathname)?.[1]
  if (eventId === undefined) throw new MockFault(404, 'not_found', `There is nothing under ${url.pathname}`)
  const event = store.find(scenario, decodeURIComponent(eventId))
  return explanationOf(event.item, event.model)
}

export function createMockApi(options: MockOptions = MOCK_DEFAULTS): MockApi {
  const store = new MockStore(options.now())
  const streams = new Set<NodeJS.Timeout>()
  let requests = 0

  const stream = (url: URL, scenario: Scenario, response: ServerResponse) => {
    const zone = zoneParam(url.searchParams)
    const filters = filtersParam(url.searchParams)
    let sinceMs = options.now()
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    const send = () => {
      const nowMs = options.now()
      const message = liveAnswer(
        store.events(scenario).filter((event) => passes(event, filters)),
        zone,
        nowMs,
        sinceMs,
      )
      sinceMs = nowMs
      response.write(`event: usage\ndata: ${JSON.stringify(message)}\n\n`)
    }
    send()
    const timer = setInterval(send, options.liveEveryMs)
    streams.add(timer)
    response.on('close', () => {
      clearInterval(timer)
      streams.delete(timer)
    })
  }

  const serve = async (request: IncomingMessage, response: ServerResponse, url: URL, scenario: Scenario) => {
    if (request.method === 'POST' && url.pathname === '/v1/ingest') {
      const event = store.post(await readJson(request))
      return sendJson(response, 202, { accepted: 1, rejected: [], event_ids: [event.event_id] })
    }
    const someone = asSomeone(scenario)
    if (someone !== undefined) {
      if (url.pathname.startsWith('/v1/auth/')) {
        const { body, cookies } = answerSignIn(someone, request, url, await readBody(request))
        for (const cookie of cookies) response.appendHeader('set-cookie', cookie)
        return sendJson(response, 200, body)
      }
      if (!isSignedIn(request)) throw new MockFault(401, 'unauthorized', 'A key or a session is needed')
    }
    if (scenario === 'slow') await new Promise((resolve) => setTimeout(resolve, options.slowMs))
    if (url.pathname === '/v1/live' && scenario !== 'error') return stream(url, scenario, response)
    return sendJson(response, 200, answerOf(url, scenario, store, options.now()))
  }

  const choose = (name: string, response: ServerResponse) => {
    const scenario = asScenario(name)
    if (scenario === undefined)
      return sendJson(response, 404, new MockFault(404, 'not_found', `No scenario ${name}`).body('mock'))
    store.reset()
    response.writeHead(302, {
      location: '/',
      'set-cookie': [`${SCENARIO_COOKIE}=${scenario}; Path=/; SameSite=Lax`, SIGNED_OUT_COOKIE],
    })
    response.end()
  }

  return {
    store,
    async handle(request, response) {
      const url = new URL(request.url ?? '/', 'http://mock')
      if (url.pathname.startsWith('/__scenario/')) {
        choose(url.pathname.slice('/__scenario/'.length), response)
        return true
      }
      if (!url.pathname.startsWith('/v1/')) return false
      const requestId = `mock-${++requests}`
      try {
        await serve(request, response, url, scenarioOfCookie(request.headers.cookie) ?? options.scenario)
      } catch (error) {
        const fault = error instanceof MockFault ? error : new MockFault(500, 'internal', String(error))
        sendJson(response, fault.status, fault.body(requestId))
      }
      return true
    },
    close() {
      for (const timer of streams) clearInterval(timer)
      streams.clear()
    },
  }
}
