/** The product under a benchmark: real processes on free ports and a temporary data folder. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Child, startChild } from '../start/child.ts'
import { freeProductPorts } from './free-ports.ts'
import type { LoadPlan, LoadResult } from './load/load-plan.ts'
import type { BenchOptions } from './options.ts'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
const WORKER = fileURLToPath(new URL('./load/load-worker.ts', import.meta.url))
const GENERATOR_OUTPUT_BYTES_MAX = 1 << 20
const STOP_MS = 30_000

export interface Bench {
  readonly dataDir: string
  readonly edgePort: number
  readonly apiPort: number
  readonly sqlPort: number
  /** `own`: several of a kind need names and, but for the first, settings of their own. */
  start(part: 'core' | 'edge', own?: { readonly name: string; readonly env: NodeJS.ProcessEnv }): Promise<Child>
  /** Answer of the SQL port as rows of columns. @throws Error when it is refused or nobody answers */
  sql(query: string): Promise<string[][]>
  /** Calls that `usage_1m` counts; 0 while nobody answers. */
  visible(): Promise<number>
  end(): Promise<void>
}

export interface BenchSettings {
  readonly env?: NodeJS.ProcessEnv
  /** Who answers analysts' SQL, where it is not the core. */
  readonly sqlUrl?: string
}

export async function openBench(settings: BenchSettings = {}): Promise<Bench> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ecomind-bench-'))
  const { edge: edgePort, api: apiPort, sql: sqlPort, env: ports } = await freeProductPorts()
  const children: Child[] = []
  const env = {
    ...process.env,
    ECOMIND_DATA_DIR: dataDir,
    ...ports,
    ...settings.env,
  }
  const sqlUrl = settings.sqlUrl ?? `http://127.0.0.1:${sqlPort}`
  const sql = async (query: string): Promise<string[][]> => {
    const answer = await fetch(`${sqlUrl}/`, { method: 'POST', body: query })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`ask the SQL port: ${answer.status}: ${text.slice(0, 300)}`)
    return text
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'))
  }
  return {
    dataDir,
    edgePort,
    apiPort,
    sqlPort,
    sql,
    async start(part, { name, env: own } = { name: part, env: {} }) {
      const all = { ...env, ...own }
      const port = part === 'core' ? all.API_PORT : all.EDGE_PORT
      const child = startChild({
        name,
        entry: await entryOf(part),
        cwd: ROOT,
        logFile: join(dataDir, 'logs', `${name}.log`),
        env: all,
        healthUrl: `http://127.0.0.1:${port}/health`,
        // A core that builds its index anew over many events takes its time.
        downMsMax: 3_600_000,
        say: (line) => process.stderr.write(`  ${line}\n`),
        onDeath: (lastLines) => process.stderr.write(`${lastLines}\n`),
      })
      children.unshift(child)
      await child.healthy
      return child
    },
    visible: () =>
      sql('SELECT sum(calls) FROM usage_1m').then(
        (rows) => Number(rows[0]?.[0] ?? 0),
        () => 0,
      ),
    async end() {
      for (const child of children) await child.stop(STOP_MS)
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Revisions before the bundles (`--compare`) run the sources. */
async function entryOf(part: 'core' | 'edge'): Promise<string> {
  const bundles = await import('../start/bundle.ts').catch(() => null)
  if (bundles === null) return join(ROOT, part === 'core' ? 'scripts/src/core/main.ts' : 'ingest-edge/src/main.ts')
  await bundles.bundleProcesses(ROOT)
  return bundles.bundleOf(ROOT, part)
}

type Traffic = Pick<BenchOptions, 'ids' | 'users' | 'models'>

/** Batches of 100 over 32 connections as fast as they are taken, unless `change` says otherwise. */
export function loadPlan(port: number, traffic: Traffic, change: Partial<LoadPlan> = {}): LoadPlan {
  return {
    host: '127.0.0.1',
    port,
    path: '/v1/ingest',
    connections: 32,
    ratePerSecond: null,
    durationMs: 5000,
    eventsMax: null,
    batch: 100,
    ids: traffic.ids,
    users: traffic.users,
    models: traffic.models,
    retry: false,
    ...change,
  }
}

/** Runs the generator in a process of its own. @throws Error when events were refused as invalid: the figure would be of something else */
export async function load(plan: LoadPlan): Promise<LoadResult> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', WORKER, JSON.stringify(plan)], {
    cwd: ROOT,
    maxBuffer: GENERATOR_OUTPUT_BYTES_MAX,
  })
  const result = JSON.parse(stdout) as LoadResult
  if (result.rejected.length > 0) throw new Error(`load: events were rejected: ${result.rejected.join(' ')}`)
  return result
}

/** Kills for good: the supervisor of the bench does not start it again. */
export async function killForGood(child: Child): Promise<void> {
  process.kill(child.pid(), 'SIGKILL')
  await child.stop(0)
}

export async function until(condition: () => Promise<boolean>, pauseMs: number): Promise<void> {
  while (!(await condition())) await pause(pauseMs)
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
