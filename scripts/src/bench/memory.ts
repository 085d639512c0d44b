/** Resident memory of the whole product as `npm start` runs it, idle: supervisor, edge, core and their helpers. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freeProductPorts } from './free-ports.ts'
import { type ListedProcess, memoryOf, processTree, proportionalMegabytes } from './process-cost.ts'
import { pause, ROOT, until } from './product.ts'
import { type Figure, figure } from './report.ts'

const SETTLE_MS = 15_000

export async function* benchMemory(): AsyncGenerator<Figure> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ecomind-bench-'))
  const { edge, api, env: ports } = await freeProductPorts()
  const child = spawn('npm', ['start', '--silent'], {
    cwd: ROOT,
    env: { ...process.env, ...ports, ECOMIND_DATA_DIR: dataDir },
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  try {
    await until(() => bothHealthy(edge, api), 100)
    await pause(SETTLE_MS)
    const processes = processTree(child.pid ?? 0).map(describe)
    const sum = (pick: (p: (typeof processes)[number]) => number) => processes.reduce((n, p) => n + pick(p), 0)
    yield figure(
      'resident memory, idle, all processes',
      sum((p) => p.resident),
      'MB',
      900,
      {
        proportionalMb: Math.round(sum((p) => p.proportional)),
        anonymousMb: Math.round(sum((p) => p.anonymous)),
        settledSeconds: SETTLE_MS / 1000,
        processes,
      },
    )
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT')
    await ended
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function bothHealthy(edge: number, api: number): Promise<boolean> {
  const answers = await Promise.all(
    [edge, api].map((port) =>
      fetch(`http://127.0.0.1:${port}/health`).then(
        (r) => r.ok,
        () => false,
      ),
    ),
  )
  return answers.every(Boolean)
}

function describe({ pid, command }: ListedProcess) {
  const part = /ingest-edge|src\/core|processes\/\w+|src\/start|esbuild|npm/.exec(command)?.[0] ?? command.slice(0, 60)
  return { part, ...memoryOf(pid), proportional: proportionalMegabytes(pid) }
}
