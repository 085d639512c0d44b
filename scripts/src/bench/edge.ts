/** Edge alone, durable answers on the embedded log: single events, batches of 100, latency at half load; beside a bare echo. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LoadPlan } from './load-generator.ts'
import { batchPlan, load, measureCpu, openBench, ROOT, until } from './product.ts'
import { type Figure, figure } from './report.ts'

const ECHO = fileURLToPath(new URL('./bare-echo.ts', import.meta.url))
const ECHO_PORT_OFFSET = 1

/** Single events over 128 connections, unless `change` says otherwise. */
const plan = (port: number, seconds: number, change: Partial<LoadPlan>): LoadPlan => ({
  ...batchPlan(port, seconds * 1000, `bench-${process.pid}-${Math.floor(performance.now())}`),
  connections: 128,
  batch: 1,
  ...change,
})

export async function* benchEdge(seconds: number): AsyncGenerator<Figure> {
  const bench = await openBench()
  try {
    const edge = await bench.start('edge')
    const pids = () => ({ edge: edge.pid() })
    await load(plan(bench.edgePort, 2, {}))
    const single = await measureCpu(pids(), () => load(plan(bench.edgePort, seconds, {})))
    const singleRate = single.result.accepted / (single.cpu['edge'] ?? 1)
    yield figure('single-event requests, durable ack', singleRate, 'requests per edge CPU-second', 40_000, {
      perSecond: single.result.accepted / (single.result.elapsedMs / 1000),
      refused: single.result.refused,
      latencyMs: single.result.latency,
      cpuSeconds: single.cpu,
    })
    const echoRate = await echo(bench.edgePort + ECHO_PORT_OFFSET, seconds)
    yield figure('single-event requests against a bare echo in the same run', singleRate / echoRate, 'ratio', 0.6, {
      echoPerCpuSecond: echoRate,
    })
    const batch = await measureCpu(pids(), () => load(plan(bench.edgePort, seconds, { batch: 100, connections: 32 })))
    yield figure(
      'batches of 100, durable ack',
      batch.result.accepted / (batch.cpu['edge'] ?? 1),
      'events per edge CPU-second',
      350_000,
      {
        perSecond: batch.result.accepted / (batch.result.elapsedMs / 1000),
        refused: batch.result.refused,
        cpuSeconds: batch.cpu,
      },
    )
    const half = Math.floor(single.result.accepted / (single.result.elapsedMs / 1000) / 2)
    const calm = await load(plan(bench.edgePort, seconds, { ratePerSecond: half }))
    yield figure('ack latency p99 at half load', calm.latency.p99, 'ms', 30, {
      ratePerSecond: half,
      dropped: calm.dropped,
      latencyMs: calm.latency,
    })
  } finally {
    await bench.end()
  }
}

async function echo(port: number, seconds: number): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', ECHO, String(port)], { cwd: ROOT, stdio: 'inherit' })
  try {
    const url = `http://127.0.0.1:${port}/health`
    await until(
      () =>
        fetch(url).then(
          (r) => r.ok,
          () => false,
        ),
      50,
    )
    await load(plan(port, 1, {}))
    const run = await measureCpu({ echo: child.pid ?? 0 }, () => load(plan(port, seconds, {})))
    return run.result.requests / (run.cpu['echo'] ?? 1)
  } finally {
    child.kill('SIGKILL')
  }
}
