/** The product under a benchmark: real processes on free ports and a temporary data folder. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Child, startChild } from '../start/child.ts'
import { freePort } from '../start/free-port.ts'
import type { LoadPlan, LoadResult } from './load-generator.ts'
import { cpuSeconds } from './process-cost.ts'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
const WORKER = fileURLToPath(new URL('./load-worker.ts', import.meta.url))
const GENERATOR_OUTPUT_BYTES_MAX = 1 << 20

export interface Bench {
  readonly dataDir: string
  readonly edgePort: number
  readonly apiPort: number
  readonly sqlPort: number
  start(part: 'core' | 'edge'): Promise<Child>
  /** Answer of the SQL port as rows of columns. */
  sql(query: string): Promise<string[][]>
  end(): Promise<void>
}

export async function openBench(): Promise<Bench> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ecomind-bench-'))
  const [edgePort, apiPort, sqlPort] = [await freePort(), await freePort(), await freePort()]
  const children: Child[] = []
  const env = {
    ...process.env,
    ECOMIND_DATA_DIR: dataDir,
    EDGE_PORT: String(edgePort),
    API_PORT: String(apiPort),
    SQL_PORT: String(sqlPort),
  }
  return {
    dataDir,
    edgePort,
    apiPort,
    sqlPort,
    async start(part) {
      const child = startChild({
        name: part,
        entry: join(ROOT, part === 'core' ? 'scripts/src/core/main.ts' : 'ingest-edge/src/main.ts'),
        cwd: ROOT,
        logFile: join(dataDir, 'logs', `${part}.log`),
        env,
        healthUrl: `http://127.0.0.1:${part === 'core' ? apiPort : edgePort}/health`,
        say: (line) => process.stderr.write(`  ${line}\n`),
      })
      children.unshift(child)
      await child.healthy
      return child
    },
    async sql(query) {
      const answer = await fetch(`http://127.0.0.1:${sqlPort}/`, { method: 'POST', body: query })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`ask the SQL port: ${answer.status}: ${text.slice(0, 300)}`)
      return text
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t'))
    },
    async end() {
      for (const child of children) await child.stop(30_000)
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Batches of 100 as fast as the edge takes them, from 2,000 users: the plan that the whole-path figures share. */
export function batchPlan(port: number, durationMs: number, idPrefix: string): LoadPlan {
  return {
    host: '127.0.0.1',
    port,
    path: '/v1/ingest',
    connections: 32,
    pipeline: 1,
    ratePerSecond: null,
    durationMs,
    batch: 100,
    idPrefix,
    users: 2000,
  }
}

/** Runs the generator in a process of its own. */
export async function load(plan: LoadPlan): Promise<LoadResult> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', WORKER, JSON.stringify(plan)], {
    cwd: ROOT,
    maxBuffer: GENERATOR_OUTPUT_BYTES_MAX,
  })
  return JSON.parse(stdout) as LoadResult
}

/** CPU seconds that the processes spend while `work` runs. */
export async function measureCpu<T>(
  pids: Readonly<Record<string, number>>,
  work: () => Promise<T>,
): Promise<{ result: T; cpu: Record<string, number> }> {
  const before = Object.entries(pids).map(([name, pid]) => [name, pid, cpuSeconds(pid)] as const)
  const result = await work()
  const cpu = Object.fromEntries(before.map(([name, pid, start]) => [name, cpuSeconds(pid) - start]))
  return { result, cpu }
}

export async function until(condition: () => Promise<boolean>, pauseMs: number): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, pauseMs))
}
