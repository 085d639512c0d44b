/** The whole product by `npm start` in production mode: keys and sessions at every door, two organisations, kills, logs. */
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { supervisedParts } from './harness/chaos.ts'
import { createProduct, isHealthy, type Product } from './harness/product.ts'
import {
  basic,
  bearer,
  type MadeKey,
  makeKey,
  send,
  sendEvent,
  sessionOf,
  signIn,
} from './harness/production-client.ts'
import { say } from './harness/scenario.ts'
import { waitFor } from './harness/wait-for.ts'

const FIRST = 'acme'
const SECOND = 'globex'
const OWNER = 'owner@acme.example'
const password = (): string => `tram ${randomBytes(12).toString('hex')}`
const secretKeys = (): string => `k1:${randomBytes(32).toString('base64')}`
const LOADED_WITHIN = { timeoutMs: 300_000 }

/** Lines of every log file of the product, and what its processes printed. */
async function logsOf(product: Product): Promise<string> {
  const folder = join(product.dataDir, 'logs')
  const names = await readdir(folder)
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  return texts.join('\n')
}

const callsOf = async ({ apiUrl }: Product, key: string): Promise<number> => {
  const now = Date.now()
  const [from, to] = [now - 3_600_000, now + 3_600_000].map((at) => new Date(at).toISOString())
  const answer = await send('GET', `${apiUrl}/v1/usage?from=${from}&to=${to}`, bearer(key))
  expect(answer.status, answer.text).toBe(200)
  return (answer.json['totals'] as { calls: number }).calls
}

describe('npm start in production', () => {
  it.each([
    ['without secret keys', {}, 'ECOMIND_SECRET_KEYS: is required in production'],
    [
      'with secret keys that are no secret',
      { ECOMIND_SECRET_KEYS: `k1:${Buffer.alloc(32, 'changeme').toString('base64')}` },
      '32 random bytes are wanted, not a default or a pattern',
    ],
    [
      'with the password of an example',
      {
        ECOMIND_SECRET_KEYS: secretKeys(),
        ECOMIND_INIT_ORG_ID: FIRST,
        ECOMIND_INIT_OWNER_EMAIL: OWNER,
        ECOMIND_INIT_OWNER_PASSWORD: 'changeme-changeme',
        ECOMIND_INIT_ADMIN_KEY: `eco_a_${randomBytes(32).toString('base64url')}`,
      },
      'ECOMIND_INIT_OWNER_PASSWORD',
    ],
  ])('does not start %s, and says why', async (_, env, why) => {
    const product = await createProduct({ env: { ECOMIND_MODE: 'production', ...env } })
    try {
      const refused = await product.launch('supervisor')
      expect(await refused.exited).toEqual({ code: 1, signal: null })
      expect(refused.output()).toContain(why)
      expect(await product.portsAreFree()).toBe(true)
    } finally {
      await product.dispose()
    }
  })

  it('shows the person at the terminal a link for the first owner, which works once and stands in no log', async () => {
    const product = await createProduct({
      env: { ECOMIND_MODE: 'production', ECOMIND_SECRET_KEYS: secretKeys(), API_HOST: '127.0.0.1' },
    })
    try {
      const supervisor = await product.start('supervisor')
      const link = /http:\/\/localhost:\d+\/first-owner#([\w-]{43})/.exec(supervisor.output())
      const token = link?.[1] ?? ''
      expect(token).not.toBe('')
      const origin = `http://localhost:${product.ports.api}`
      const body = { token, org_id: FIRST, org_name: 'Acme', name: 'Olivia', email: OWNER, password: password() }
      const made = await send('POST', `${origin}/v1/auth/first-owner`, { origin }, body)
      expect(made.status, made.text).toBe(201)
      const me = await send('GET', `${origin}/v1/orgs`, sessionOf(made, origin))
      expect(me.json['items']).toMatchObject([{ id: FIRST, name: 'Acme' }])
      const again = { ...body, org_id: 'evil', email: 'mallory@evil.example' }
      expect((await send('POST', `${origin}/v1/auth/first-owner`, { origin }, again)).status).toBe(410)
      const logs = await logsOf(product)
      expect(logs).not.toContain(token)
      expect(logs).not.toContain(body.password)
    } finally {
      await product.dispose()
    }
  })
})

describe('a product in production with two organisations', () => {
  const adminKey = `eco_a_${randomBytes(32).toString('base64url')}`
  const ownerPassword = password()
  const keys = secretKeys()
  const env = {
    ECOMIND_MODE: 'production',
    ECOMIND_SECRET_KEYS: keys,
    ECOMIND_INIT_ORG_ID: FIRST,
    ECOMIND_INIT_OWNER_EMAIL: OWNER,
    ECOMIND_INIT_OWNER_PASSWORD: ownerPassword,
    ECOMIND_INIT_ADMIN_KEY: adminKey,
    API_HOST: '127.0.0.1',
    EDGE_HOST: '127.0.0.1',
    SQL_HOST: '127.0.0.1',
  }
  /** Everything that no log may hold. */
  const secrets: string[] = [adminKey, ownerPassword, keys.slice(3)]
  const sent = { [FIRST]: 0, [SECOND]: 0 }
  let product: Product
  let ingest: Readonly<Record<typeof FIRST | typeof SECOND, MadeKey>>
  let read: Readonly<Record<typeof FIRST | typeof SECOND, MadeKey>>
  let spare: MadeKey

  beforeAll(async () => {
    product = await createProduct({ env })
    await product.start('supervisor')
  }, 900_000)
  afterAll(async () => {
    if (product !== undefined) say(`the end of the output: ${product.output().slice(-1500)}`)
    await product?.dispose()
  })

  async function sendOne(org: typeof FIRST | typeof SECOND): Promise<void> {
    const answer = await sendEvent(product, ingest[org].secret, `user-of-${org}`)
    expect(answer.status, answer.text).toBe(202)
    sent[org]++
  }

  async function expectAllCounted(): Promise<void> {
    for (const org of [FIRST, SECOND] as const) {
      await waitFor(
        `${sent[org]} calls of ${org}`,
        async () => (await callsOf(product, read[org].secret)) >= sent[org],
        LOADED_WITHIN,
      )
      expect(await callsOf(product, read[org].secret)).toBe(sent[org])
    }
  }

  it('lets its owner in, makes a second organisation, and both make keys', async () => {
    const owner = await signIn(product, OWNER, ownerPassword)
    secrets.push(owner['cookie']?.split('=')[1] ?? '')
    const made = await send('POST', `${product.apiUrl}/v1/orgs`, bearer(adminKey), { id: SECOND, name: 'Globex' })
    expect(made.status, made.text).toBe(201)
    const secondAdmin = bearer(String(made.json['admin_key']))
    const first = bearer(adminKey)
    ingest = { acme: await makeKey(product, owner, 'ingest'), globex: await makeKey(product, secondAdmin, 'ingest') }
    read = { acme: await makeKey(product, first, 'read'), globex: await makeKey(product, secondAdmin, 'read') }
    spare = await makeKey(product, first, 'ingest')
    secrets.push(String(made.json['admin_key']), spare.secret)
    secrets.push(...[ingest, read].flatMap((pair) => [pair.acme.secret, pair.globex.secret]))
  })

  it('counts the events of each key for its organisation, at every door', async () => {
    const known = async ({ secret }: MadeKey) => (await sendEvent(product, secret, 'user-early')).status === 202
    for (const org of [FIRST, SECOND] as const) {
      await waitFor(`the edge to know the key of ${org}`, () => known(ingest[org]))
      sent[org]++
      for (let i = 0; i < 5; i++) await sendOne(org)
    }
    await sendOne(SECOND)
    await expectAllCounted()
    const text = 'SELECT org_id, count() AS n FROM usage_events GROUP BY org_id FORMAT TabSeparated'
    for (const org of [FIRST, SECOND] as const) {
      const { secret } = read[org]
      const ways = [basic(org, secret), { 'x-clickhouse-user': org, 'x-clickhouse-key': secret }, bearer(secret)]
      for (const way of ways)
        expect(await send('POST', product.sqlUrl, way, text)).toMatchObject({
          status: 200,
          text: `${org}\t${sent[org]}\n`,
        })
      const sql = { query: 'SELECT org_id, count() AS n FROM usage_events GROUP BY org_id' }
      const answer = await send('POST', `${product.apiUrl}/v1/sql`, bearer(secret), sql)
      expect(answer.json['data']).toEqual([{ org_id: org, n: String(sent[org]) }])
      await expectBalanced(org)
    }
  })

  async function expectBalanced(org: typeof FIRST | typeof SECOND): Promise<void> {
    const [from, to] = [-2, 2].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString())
    const answer = await send(
      'GET',
      `${product.apiUrl}/v1/reconciliation?from=${from}&to=${to}`,
      bearer(read[org].secret),
    )
    const { balanced, items } = answer.json as {
      balanced: boolean
      items: { org_id: string; accepted: number; stored: number }[]
    }
    expect(balanced, answer.text).toBe(true)
    expect(items.every((item) => item.org_id === org)).toBe(true)
    expect(items.reduce((sum, item) => sum + item.accepted, 0)).toBe(sent[org])
    expect(items.reduce((sum, item) => sum + item.stored, 0)).toBe(sent[org])
  }

  it('refuses who shows no key, the wrong one, or means another organisation', async () => {
    const { apiUrl, sqlUrl } = product
    expect((await sendEvent(product, null, 'u')).status).toBe(401)
    expect((await sendEvent(product, read.acme.secret, 'u')).status).toBe(403)
    const foreign = await sendEvent(product, ingest.acme.secret, 'u', SECOND)
    expect(foreign.status, foreign.text).toBe(400)
    expect(foreign.text).toContain('org_not_allowed')
    const own = await sendEvent(product, ingest.acme.secret, 'u', FIRST)
    expect(own.status, own.text).toBe(202)
    sent.acme++
    expect((await send('GET', `${apiUrl}/v1/today`)).status).toBe(401)
    expect((await send('GET', `${apiUrl}/v1/today`, bearer(ingest.acme.secret))).status).toBe(403)
    expect((await send('GET', `${apiUrl}/v1/keys`, bearer(read.acme.secret))).status).toBe(403)
    expect((await send('GET', `${apiUrl}/v1/today?org_id=${SECOND}`, bearer(read.acme.secret))).status).toBe(404)
    expect((await send('GET', `${apiUrl}/v1/keys/${ingest.globex.id}`, bearer(adminKey))).status).toBe(404)
    const text = 'SELECT count() FROM usage_events'
    expect((await send('POST', sqlUrl, {}, text)).status).toBe(401)
    expect((await send('POST', sqlUrl, bearer(ingest.acme.secret), text)).status).toBe(403)
    expect((await send('POST', sqlUrl, basic(SECOND, read.acme.secret), text)).status).toBe(401)
  })

  it('refuses a revoked key at the edge, soon', async () => {
    const status = async () => (await sendEvent(product, spare.secret, 'user-of-spare', SECOND)).status
    // 400: the key is known, and the event is not of its organisation.
    await waitFor('the edge to know the spare key', async () => (await status()) === 400)
    const revoked = await send('DELETE', `${product.apiUrl}/v1/keys/${spare.id}`, bearer(adminKey))
    expect(revoked.status, revoked.text).toBe(200)
    await waitFor('the edge to refuse the revoked key', async () => (await status()) === 401)
  })

  it('goes on taking events while the core is killed, and loses none', async () => {
    const core = (await supervisedParts(product)).find((part) => part.command.includes('processes/core.mjs'))
    if (core === undefined) throw new Error('kill the core: the supervisor does not run it')
    process.kill(core.pid, 'SIGKILL')
    let meanwhile = 0
    await waitFor(
      'the core to be back after events were taken without it',
      async () => {
        if (meanwhile > 0 && (await isHealthy(product.apiUrl).catch(() => false))) return true
        await sendOne(FIRST)
        await sendOne(SECOND)
        meanwhile += 2
        return false
      },
      LOADED_WITHIN,
    )
    say(`${meanwhile} events while the core was down`)
    await expectAllCounted()
    for (const org of [FIRST, SECOND] as const) await expectBalanced(org)
  })

  it('keeps everything over a restart, and the same settings for the beginning change nothing', async () => {
    const before = await stateOf()
    expect(await product.stop('supervisor')).toEqual({ code: 0, signal: null })
    const changed = { ...env, ECOMIND_INIT_OWNER_PASSWORD: password() }
    secrets.push(changed.ECOMIND_INIT_OWNER_PASSWORD)
    await product.start('supervisor', { env: changed })
    expect(await stateOf()).toEqual(before)
    for (const org of [FIRST, SECOND] as const) await sendOne(org)
    await expectAllCounted()
    await signIn(product, OWNER, ownerPassword)
    const other = { email: OWNER, password: changed.ECOMIND_INIT_OWNER_PASSWORD }
    expect((await send('POST', `${product.apiUrl}/v1/auth/login`, {}, other)).status).toBe(401)
    expect((await sendEvent(product, spare.secret, 'user-of-spare')).status).toBe(401)
  })

  /** What the first organisation has, but for when its keys were used. */
  async function stateOf(): Promise<unknown> {
    const paths = ['/v1/orgs', '/v1/keys?revoked=true']
    const answers = await Promise.all(paths.map((path) => send('GET', product.apiUrl + path, bearer(adminKey))))
    return answers.map(({ status, text }) => `${status} ${text.replaceAll(/"last_used_at":[^,]+/g, '')}`)
  }

  it('writes no secret into its logs', async () => {
    const logs = await logsOf(product)
    expect(logs.length).toBeGreaterThan(1000)
    const printed = logs + product.output()
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(20)
      expect(printed.includes(secret), 'a secret stands in a log').toBe(false)
    }
  })
})
