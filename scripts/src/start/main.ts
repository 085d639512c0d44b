/** `npm start`: the whole product on this machine. Starts the core and the edge, waits until both are healthy, restarts what dies, stops in reverse order. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildPage } from './build-page.ts'
import { bundleOf, bundleProcesses, ENTRIES, type ProcessName } from './bundle.ts'
import { checkConfig } from './check-config.ts'
import { type Child, startChild } from './child.ts'
import { preflight } from './preflight.ts'
import { readStartSettings, type StartSettings } from './settings.ts'
import { watchHealth } from './watch-health.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
/** The core finishes the batch under way; what it can't finish is redone at the next start. */
const STOP_GRACE_MS = 20_000

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

async function step<T>(label: string, work: () => Promise<T>): Promise<T> {
  const startedAt = Date.now()
  say(`… ${label}`)
  const result = await work()
  say(`✓ ${label} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`)
  return result
}

async function main(): Promise<void> {
  if (process.argv.includes('--check-config')) return await check()
  const settings = readStartSettings(process.env, ROOT)
  await preflight(settings)
  const children: Child[] = []
  const stop = stopper(children)
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  process.on('SIGHUP', stop)
  try {
    await step('page', () => buildPage(ROOT))
    await step('processes', () => bundleProcesses(ROOT))
    await step('core: loader, ClickHouse, API, SQL port', () => launch(children, settings, 'core'))
    await step('edge: ingest', () => launch(children, settings, 'edge'))
  } catch (error) {
    if (stop.called()) return
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
    await stop()
    return
  }
  greet(settings)
  for (const name of ['core', 'edge'] as const) {
    watchHealth({ name, healthUrl: healthUrlOf(settings, name), say: (line) => say(`  ${line}`) })
  }
}

function healthUrlOf(s: StartSettings, name: ProcessName): string {
  return `http://127.0.0.1:${name === 'core' ? s.apiPort : s.edgePort}/health`
}

async function check(): Promise<void> {
  const entries = Object.values(ENTRIES).map((entry) => join(ROOT, entry))
  const complaints = await checkConfig(process.env, ROOT, entries)
  if (complaints.length > 0) throw new Error(complaints.join('\n'))
  say('The settings are valid.')
}

function launch(children: Child[], s: StartSettings, name: ProcessName): Promise<void> {
  const child = startChild({
    name,
    entry: bundleOf(ROOT, name),
    renew: () => bundleProcesses(ROOT),
    cwd: ROOT,
    logFile: join(s.dataDir, 'logs', `${name}.log`),
    env: { ...process.env, ECOMIND_DATA_DIR: s.dataDir },
    healthUrl: healthUrlOf(s, name),
    say: (line) => say(`  ${line}`),
  })
  children.unshift(child)
  return child.healthy
}

function stopper(children: readonly Child[]) {
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= (async () => {
      say('\nStopping: the edge first, then the core …')
      for (const child of children) await child.stop(STOP_GRACE_MS)
      say('Stopped. Everything that was accepted is on disk.')
      process.exit()
    })()
    return stopping
  }
  return Object.assign(stop, { called: () => stopping !== undefined })
}

function greet(s: StartSettings): void {
  say(`Ecomind is ready: http://127.0.0.1:${s.apiPort}`)
  if (s.mode === 'local') greetLocally(s)
  else say(`Production mode: events need an ingest key, everything else a key or a sign-in. Data: ${s.dataDir}`)
}

function greetLocally(s: StartSettings): void {
  const event = {
    org_id: 'org_demo',
    user_id: 'user_alice',
    provider: 'openai',
    model: 'gpt-4o',
    tokens_in: 100,
    tokens_out: 50,
    region: 'US-CAISO',
    ts: new Date().toISOString(),
  }
  say(`Local mode: it listens on 127.0.0.1 only and takes events of org_demo without a key. Data: ${s.dataDir}`)
  say(`SQL (read-only): curl 'http://127.0.0.1:${s.sqlPort}/?query=SELECT+count()+FROM+usage_events'`)
  say('Send a first event:')
  say(
    `curl -X POST http://localhost:${s.edgePort}/v1/ingest -H "Content-Type: application/json" -d '${JSON.stringify(event)}'`,
  )
  say('Sample data of 30 days: npm run sample-data. Stop with Ctrl-C.')
}

await main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
})
