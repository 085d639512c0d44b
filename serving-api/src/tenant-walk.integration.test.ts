/** No organisation learns anything of another one, whatever it asks and whatever of theirs it names. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROUTES } from './routes.ts'
import { rowsOf } from './testing/privacy-world.ts'
import { pick, seededRandom } from './testing/random-usage.ts'
import { addTenant } from './testing/tenants/add-tenant.ts'
import { ask, type Signs, wantedOf } from './testing/tenants/ask.ts'
import { findLeaks, type SeenAnswer } from './testing/tenants/find-leaks.ts'
import { WALKED_BODIES } from './testing/tenants/request-bodies.ts'
import { requestOf } from './testing/tenants/requests.ts'
import { keyOf } from './testing/tenants/route-request.ts'
import { askersOf } from './testing/tenants/signs.ts'
import { sqlFaults, sqlSteps } from './testing/tenants/sql-steps.ts'
import { forgedFor, type Tenant } from './testing/tenants/tenant.ts'
import { openTenantWorld, type TenantWorld } from './testing/tenants/tenant-world.ts'
import {
  fieldsOf,
  isRepeatable,
  nextAddress,
  OF_THE_PROCESS,
  secretsOf,
  type Walk,
  walk,
} from './testing/tenants/walk.ts'

const SEED = Number(process.env['TENANT_WALK_SEED'] ?? Math.floor(Math.random() * 0x1_0000_0000))
const RANDOM_STEPS = 100
/** Names every part of every request by itself; the others what chance picks for each route. */
const THOROUGH = 'admin key'
const SWEEPING = ['nobody', 'admin key', 'read key', 'person viewer', 'person of-team']
const random = seededRandom(SEED)

let world: TenantWorld
let own: Tenant
let others: readonly Tenant[]
let askers: Readonly<Record<string, Signs>>
let answersBefore: ReadonlyMap<string, string>
let theirsBefore: readonly string[]

beforeAll(async () => {
  process.stdout.write(`tenant walk: TENANT_WALK_SEED=${SEED}\n`)
  world = await openTenantWorld(random)
  own = await addTenant(world, 0)
  askers = await askersOf(world, own)
  answersBefore = await ownAnswers()
  others = [await addTenant(world, 1), await addTenant(world, 2)]
  theirsBefore = await everythingOfOthers()
})
afterAll(async () => {
  await world?.stop()
})

/** What the organisation is told where it names nothing of anyone. */
async function ownAnswers(): Promise<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>()
  for (const route of ROUTES.filter((r) => r.method === 'get' && !UNSTEADY.test(r.path)))
    for (const who of SWEEPING) {
      const answer = await askPlainly(route, who)
      const text = answer.body.toString('latin1').replaceAll(/"last_(?:used|seen)_at":[^,}]+|: heartbeat\n\n/g, '')
      answers.set(`${who}: ${keyOf(route)}`, `${answer.status} ${text}`)
    }
  return answers
}

/** Of the process, of what was asked before, or with a new secret each time. */
const UNSTEADY = /^\/(?:metrics|health|docs)|^\/v1\/(?:audits|sql\/queries|openapi|edge)|\/(?:oidc|saml)\//

async function askPlainly(route: (typeof ROUTES)[number], who: string): Promise<SeenAnswer> {
  const { query, ...request } = requestOf(route, own.things)
  const needed = Object.entries(query).filter(([name]) => ['from', 'to', 'kwh', 'org_id', 'group_by'].includes(name))
  const wanted = wantedOf(route.path, { ...request, query: Object.fromEntries(needed), headers: {} })
  return await ask(world.url, wanted, { ...askers[who], 'x-request-id': 'walk', 'x-forwarded-for': nextAddress() })
}

async function everythingOfOthers(): Promise<readonly string[]> {
  const tables = await world.database.query<{ table_name: string }>(
    `SELECT table_name FROM information_schema.columns WHERE table_schema = 'ecomind' AND column_name = 'org_id'
       AND table_name NOT LIKE 'audit%' ORDER BY table_name`,
  )
  const lines: string[] = []
  for (const { things } of others) {
    lines.push(...(await rowsOf(world.clickhouse, things.orgId)))
    for (const { table_name: table } of tables) {
      const rows = await world.database.query(`SELECT * FROM ecomind.${table} WHERE org_id = $1`, [things.orgId])
      lines.push(...rows.map((row) => `${table} ${JSON.stringify(row)}`).sort())
    }
  }
  return lines
}

describe('the tenant walk', () => {
  test('knows every parameter and body of every route, and no body of a route that is gone', () => {
    for (const route of ROUTES) expect(() => requestOf(route, own.things), keyOf(route)).not.toThrow()
    const withBody = ROUTES.filter((r) => r.body !== null).map(keyOf)
    expect([...WALKED_BODIES].sort()).toEqual([...withBody].sort())
    for (const route of ROUTES) {
      const body = requestOf(route, own.things).body
      const schema = route.body?.['application/json']?.schema
      if (schema !== undefined) expect(schema.safeParse(body).error?.issues ?? [], keyOf(route)).toEqual([])
    }
  })

  test('asks for things that are there: their own organisation finds each of them', async () => {
    for (const tenant of [own, ...others]) {
      const signs = { authorization: `Bearer ${tenant.keys.admin}` }
      for (const route of ROUTES.filter((r) => r.method === 'get' && !OTHER_SIGNS.test(r.path))) {
        const answer = await ask(world.url, wantedOf(route.path, requestOf(route, tenant.things)), signs)
        expect(answer.status, `${keyOf(route)} ${answer.body.toString('utf8').slice(0, 300)}`).toBe(200)
      }
    }
  })

  test('an organisation is answered the same, to the byte, before and after others have come', async () => {
    const after = await ownAnswers()
    expect(after.size).toBe(answersBefore.size)
    for (const [asked, answer] of answersBefore) expect(after.get(asked), asked).toBe(answer)
    for (const [asked, answer] of after) {
      const seen = { status: 200, headers: {}, body: Buffer.from(answer) }
      expect(findLeaks(seen, { secrets: others.flatMap(secretsOf), said: [] }), asked).toEqual([])
    }
  })

  test('every route tells every asker the same of things of others as of things that nobody has', async () => {
    const faults: string[] = []
    for (const route of ROUTES)
      for (const who of OF_THE_PROCESS.test(keyOf(route)) ? ['nobody'] : Object.keys(askers)) {
        const foreign = pick(random, others).things
        const fields = fieldsOf(route, own.things, foreign)
        const whole = [fields, fields.filter((f) => !f.endsWith('.org_id')), ...fields.map((f) => [f])]
        const sets = whole.filter((set) => isRepeatable(route, set))
        const chosen = who === THOROUGH || sets.length === 0 ? sets : [pick(random, sets)]
        for (const set of chosen) faults.push(...(await step(route, who, set, foreign)))
      }
    expect(faults).toEqual([])
  })

  test('HEAD and OPTIONS tell no more', async () => {
    const faults: string[] = []
    for (const route of ROUTES) {
      const foreign = pick(random, others).things
      const fields = fieldsOf(route, own.things, foreign)
      const methods = route.method === 'get' ? ['HEAD', 'OPTIONS'] : ['OPTIONS']
      for (const method of methods) faults.push(...(await step(route, 'admin key', fields, foreign, { method })))
    }
    expect(faults).toEqual([])
  })

  test('SQL at both doors knows no name of another organisation', async () => {
    const signs = { authorization: `Bearer ${own.keys.read}` }
    const faults: string[] = []
    for (const sql of sqlSteps(world.url, world.sqlUrl))
      faults.push(...(await sqlFaults(sql, signs, pick(random, others).things, others)))
    expect(faults).toEqual([])
  })

  test('every count is that of the organisation’s own calls', async () => {
    const { usage, sql } = await countsOf(own)
    expect({ usage, sql }).toEqual({ usage: own.calls, sql: own.calls })
  })

  test('an erasure of their person and a claim of their domain touch nothing of theirs', async () => {
    const { things } = pick(random, others)
    const erasure = { user_id: things.userId, mode: 'delete', preview: false }
    const { run } = (await sendAsOwner('POST', '/v1/privacy/erasures', erasure)) as { run: { id: string } }
    await expect
      .poll(() => sendAsOwner('GET', `/v1/privacy/erasures/${run.id}`))
      .toMatchObject({ state: 'done', found: { usage_events: 0 } })
    await sendAsOwner('POST', '/v1/auth/domains', { name: things.domain })
    const verified = await sendAsOwner('POST', `/v1/auth/domains/${things.domain}/verify`)
    expect(verified).not.toMatchObject({ verified_at: expect.any(String) })
  })

  test('chance finds no way either, with cursors that are made up', async () => {
    const chosen = fc.record({
      path: fc.constantFrom(...ROUTES.map(keyOf)),
      who: fc.constantFrom(...Object.keys(askers)),
      other: fc.nat({ max: 1 }),
      forged: fc.boolean(),
      mask: fc.nat({ max: 2 ** 12 - 1 }),
    })
    await fc.assert(
      fc.asyncProperty(chosen, async ({ path, who, other, forged, mask }) => {
        const tenant = others[other]
        const route = ROUTES.find((r) => keyOf(r) === path)
        if (tenant === undefined || route === undefined) throw new Error('there is no such choice')
        const foreign = forged ? forgedFor(own.things.orgId, tenant.things) : tenant.things
        const fields = fieldsOf(route, own.things, foreign).filter((_, bit) => (mask & (1 << bit)) !== 0)
        if (!isRepeatable(route, fields)) return
        expect(await step(route, who, fields, foreign, { isForged: forged })).toEqual([])
      }),
      { seed: SEED | 0, numRuns: RANDOM_STEPS, endOnFailure: true },
    )
  })

  test('nothing of others has changed, nor gone back into the log, nor into what they are told of', async () => {
    expect(await everythingOfOthers()).toEqual(theirsBefore)
    expect(theirsBefore.length).toBeGreaterThan(300)
    const log = { status: 200, headers: {}, body: Buffer.concat(world.replayed) }
    expect(findLeaks(log, { secrets: others.flatMap(secretsOf), said: [] })).toEqual([])
    for (const { things } of others) {
      const entries = await world.database.query<{ action: string; outcome: string }>(
        `SELECT DISTINCT action, outcome FROM ecomind.audit_entries WHERE org_id = $1 AND role = '' AND seq > 0`,
        [things.orgId],
      )
      // Who tried to sign in with an address of theirs is theirs to know.
      for (const entry of entries) expect(entry).toMatchObject({ outcome: 'refused' })
    }
  })
})

async function sendAsOwner(method: string, target: string, body?: unknown): Promise<Record<string, unknown>> {
  const text = body === undefined ? null : JSON.stringify(body)
  const headers = text === null ? {} : { 'content-type': 'application/json' }
  const answer = await ask(world.url, { method, target, headers, body: text }, askers['person owner'] ?? {})
  return JSON.parse(answer.body.toString('utf8')) as Record<string, unknown>
}

async function countsOf({ keys }: Tenant): Promise<{ readonly usage: unknown; readonly sql: unknown }> {
  const signs = { authorization: `Bearer ${keys.read}` }
  const period = 'from=2026-01-01T00:00:00Z&to=2026-12-31T00:00:00Z'
  const usage = await ask(world.url, { method: 'GET', target: `/v1/usage?${period}`, headers: {}, body: null }, signs)
  const text = 'SELECT count() FROM usage_events'
  const sql = await ask(world.sqlUrl, { method: 'POST', target: '/', headers: {}, body: text }, signs)
  return {
    usage: (JSON.parse(usage.body.toString('utf8')) as { totals: { calls: number } }).totals.calls,
    sql: Number(sql.body.toString('utf8')),
  }
}

const OTHER_SIGNS = /^\/v1\/auth\/(?:me|sessions|passkeys|oidc|saml)|^\/v1\/edge\//

function step(
  route: (typeof ROUTES)[number],
  who: string,
  fields: readonly string[],
  foreign: Tenant['things'],
  more: Pick<Walk, 'method' | 'isForged'> = {},
): Promise<readonly string[]> {
  const signs = askers[who] ?? {}
  return walk({ url: world.url, route, signs, asker: own.things, foreign, fields, others, ...more })
}
