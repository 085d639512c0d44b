/**
 * What keys cost and how fast they end: single events at an edge that asks for a key, with and without limits, in turns
 * with one that asks for none; then the time until each of two edges refuses a key that was revoked at the API.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { freePort } from './free-ports.ts'
import type { BenchOptions } from './options.ts'
import { cpuSeconds } from './process-cost.ts'
import { type Bench, load, loadPlan, openBench, until } from './product.ts'
import { type Figure, figure } from './report.ts'
import { median } from './statistics.ts'

const ORG_ID = 'org_demo'
const WARM_UP_MS = 2000
const SINGLE = { batch: 1, connections: 128 } as const
const REVOCATIONS = 10
const LOOK_MS = 20
/** Never reached: what is measured is the asking. */
const LIMITS = { rate_per_second: 10_000_000, events_per_day_max: 1_000_000_000_000 }

interface Edge {
  readonly port: number
  readonly pid: number
}

export async function* benchKeys(options: BenchOptions): AsyncGenerator<Figure> {
  const adminKey = `eco_a_${randomBytes(32).toString('base64url')}`
  const bench = await openBench({
    env: {
      ECOMIND_MODE: 'production',
      ECOMIND_SECRET_KEYS: `bench:${randomBytes(32).toString('base64')}`,
      ECOMIND_INIT_ORG_ID: ORG_ID,
      ECOMIND_INIT_OWNER_EMAIL: 'owner@bench.example',
      ECOMIND_INIT_OWNER_PASSWORD: randomBytes(12).toString('hex'),
      ECOMIND_INIT_ADMIN_KEY: adminKey,
    },
  })
  try {
    await bench.start('core')
    const api = apiOf(bench, adminKey)
    const open = await startEdge(bench, 'open', { ECOMIND_MODE: 'local' })
    const keyed = await startEdge(bench, 'keyed', {})
    const second = await startEdge(bench, 'second', {})
    yield* costOfKeys(options, open, keyed, [await api.makeKey({}), await api.makeKey(LIMITS)])
    yield await revocation(api, [keyed, second])
  } finally {
    await bench.end()
  }
}

async function* costOfKeys(
  options: BenchOptions,
  open: Edge,
  keyed: Edge,
  [plain, limited]: readonly [MadeKey, MadeKey],
): AsyncGenerator<Figure> {
  for (const { secret } of [plain, limited]) await until(async () => (await send(keyed, secret)) === 202, LOOK_MS)
  const turn = async (edge: Edge, secret: string | null, durationMs: number): Promise<number> => {
    const key = secret === null ? {} : { key: secret }
    const before = cpuSeconds(edge.pid)
    const result = await load(loadPlan(edge.port, options, { ...SINGLE, ...key, durationMs }))
    if (Object.keys(result.refused).length > 0) throw new Error(`load: refused ${JSON.stringify(result.refused)}`)
    return result.requests / (cpuSeconds(edge.pid) - before)
  }
  const variants = [
    { name: 'without', edge: open, secret: null, rates: [] as number[] },
    { name: 'with', edge: keyed, secret: plain.secret, rates: [] as number[] },
    { name: 'limited', edge: keyed, secret: limited.secret, rates: [] as number[] },
  ] as const
  for (const { edge, secret } of variants) await turn(edge, secret, WARM_UP_MS)
  for (let r = 0; r < options.repeats; r++)
    for (const { edge, secret, rates } of variants) rates.push(await turn(edge, secret, options.shortSeconds * 1000))
  const [without, ...others] = variants
  for (const { name, rates } of others) {
    const ratios = rates.map((rate, i) => rate / (without.rates[i] ?? rate))
    const title = name === 'with' ? 'single events with a key check' : 'single events with a key check and limits'
    yield figure(`${title}, against none in the same run`, median(ratios), 'ratio', 0.9, {
      repeats: ratios,
      perCpuSecond: rates.map(Math.round),
      perCpuSecondWithout: without.rates.map(Math.round),
    })
  }
}

async function revocation(api: Api, edges: readonly Edge[]): Promise<Figure> {
  const seconds: number[] = []
  for (let r = 0; r < REVOCATIONS; r++) {
    const key = await api.makeKey({})
    for (const edge of edges) await until(async () => (await send(edge, key.secret)) === 202, LOOK_MS)
    const startedAt = performance.now()
    await api.revoke(key)
    await Promise.all(edges.map((edge) => until(async () => (await send(edge, key.secret)) === 401, LOOK_MS)))
    seconds.push((performance.now() - startedAt) / 1000)
  }
  return figure('revoked key refused at each of two edges, longest', Math.max(...seconds), 's', 5, { repeats: seconds })
}

interface MadeKey {
  readonly id: string
  readonly secret: string
}

interface Api {
  makeKey(limits: Readonly<Record<string, number>>): Promise<MadeKey>
  revoke(key: MadeKey): Promise<void>
}

function apiOf(bench: Bench, adminKey: string): Api {
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${bench.apiPort}${path}`, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}: ${await answer.text()}`)
    return await answer.json()
  }
  return {
    makeKey: async (limits) =>
      (await ask('POST', '/v1/keys', { name: 'bench', scopes: ['ingest'], ...limits })) as MadeKey,
    revoke: async ({ id }) => void (await ask('DELETE', `/v1/keys/${id}`)),
  }
}

/** With a log of its own: what is measured is the edge alone. */
async function startEdge(bench: Bench, name: string, env: NodeJS.ProcessEnv): Promise<Edge> {
  const port = await freePort()
  const own = { ECOMIND_DATA_DIR: join(bench.dataDir, name), EDGE_PORT: String(port), ...env }
  const child = await bench.start('edge', { name, env: own })
  return { port, pid: child.pid() }
}

async function send({ port }: Edge, secret: string): Promise<number> {
  const event = {
    user_id: 'bench',
    provider: 'openai',
    model: 'gpt-4o-mini',
    tokens_in: 1,
    tokens_out: 1,
    ts: new Date().toISOString(),
  }
  const answer = await fetch(`http://127.0.0.1:${port}/v1/ingest`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify(event),
  })
  await answer.arrayBuffer()
  return answer.status
}
