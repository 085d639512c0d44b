/** From `git clone` to the first chart, packages cached: clone, `npm ci`, `npm start`, and the first answers that the page asks for. */
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freeProductPorts } from './free-ports.ts'
import { ROOT, until } from './product.ts'
import { type Figure, figure } from './report.ts'
import { round } from './statistics.ts'

const run = promisify(execFile)
const POLL_MS = 50
const OUTPUT_BYTES_MAX = 1 << 24

export async function* benchClone(): AsyncGenerator<Figure> {
  const dir = mkdtempSync(join(tmpdir(), 'ecomind-bench-'))
  const copy = join(dir, 'ecomind')
  const phases: { [phase: string]: number } = {}
  const phase = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const started = performance.now()
    const result = await work()
    phases[name] = round((performance.now() - started) / 1000)
    return result
  }
  const started = performance.now()
  let product: Awaited<ReturnType<typeof startProduct>> | null = null
  try {
    const head = (await run('git', ['rev-parse', 'HEAD'], { cwd: ROOT })).stdout.trim()
    await phase('clone', async () => {
      await run('git', ['clone', '--quiet', '--no-local', ROOT, copy])
      await run('git', ['checkout', '--quiet', head], { cwd: copy })
    })
    await phase('npm ci', () => run('npm', ['ci'], { cwd: copy, maxBuffer: OUTPUT_BYTES_MAX }))
    product = await phase('npm start until ready', () => startProduct(copy, join(dir, 'data')))
    const { edge, api } = product
    await phase('first event until the page can draw it', () => firstChart(edge, api))
    yield figure('clone to first chart, packages cached', (performance.now() - started) / 1000, 's', 90, { phases })
  } finally {
    await product?.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

async function startProduct(cwd: string, dataDir: string) {
  const { edge, api, env: ports } = await freeProductPorts()
  const child = spawn('npm', ['start', '--silent'], {
    cwd,
    env: { ...process.env, ...ports, ECOMIND_DATA_DIR: dataDir },
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes('Ecomind is ready')) resolve()
    })
    child.once('exit', (code) => reject(new Error(`clone: npm start ended with ${code}\n${text}`)))
  })
  return {
    edge,
    api,
    async stop() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT')
      await ended
    },
  }
}

/** The page itself with its script, one event, and the trend that holds it. */
async function firstChart(edge: number, api: number): Promise<void> {
  const page = await (await fetch(`http://127.0.0.1:${api}/`)).text()
  const script = /<script[^>]+src="([^"]+)"/.exec(page)?.[1]
  if (script === undefined) throw new Error('clone: the page has no script')
  await (await fetch(new URL(script, `http://127.0.0.1:${api}/`))).arrayBuffer()
  const event = {
    org_id: 'org_demo',
    user_id: 'first',
    provider: 'openai',
    model: 'gpt-4o',
    tokens_in: 100,
    tokens_out: 50,
  }
  const sent = await fetch(`http://127.0.0.1:${edge}/v1/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...event, ts: Date.now() }),
  })
  if (sent.status !== 202) throw new Error(`clone: the edge answered ${sent.status}`)
  const [from, to] = [Date.now() - 3_600_000, Date.now() + 3_600_000].map((ms) => new Date(ms).toISOString())
  const trend = `http://127.0.0.1:${api}/v1/usage?org_id=org_demo&from=${from}&to=${to}&window=1h`
  await until(async () => {
    const answer = (await (await fetch(trend)).json()) as { totals?: { calls: number } }
    return answer.totals?.calls === 1
  }, POLL_MS)
}
