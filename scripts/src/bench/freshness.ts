/**
 * How long from sending an event to seeing it in `usage_1m`: one event at a time on a calm product, then probes among the
 * traffic of half the rate that the whole path sustains.
 */
import type { BenchOptions } from './options.ts'
import { type Bench, load, loadPlan, openBench, pause, until } from './product.ts'
import { type Figure, figure, generatorCost } from './report.ts'
import { type Percentiles, percentiles } from './statistics.ts'
import { watchProcesses } from './watch-processes.ts'

const POLL_MS = 10
const SAMPLES = 30
/** Under load a question costs the core time of its own, so it is asked less often, once for all probes. */
const POLL_LOADED_MS = 50
const PROBE_EVERY_MS = 200
const FIND_RATE_MS = 5000

export async function* benchFreshness(options: BenchOptions): AsyncGenerator<Figure> {
  const bench = await openBench()
  try {
    const core = await bench.start('core')
    const edge = await bench.start('edge')
    const idle = await idleDelays(bench)
    const details = { samples: SAMPLES, latencyMs: idle, pollMs: POLL_MS, batch: 1 }
    yield figure('event to rollup, p95, idle', idle.p95 / 1000, 's', 2, details)

    const rate = await sustainedRate(bench, options)
    const watch = watchProcesses({ edge: edge.pid, core: core.pid })
    const plan = loadPlan(bench.edgePort, options, {
      durationMs: options.shortSeconds * 3000,
      ratePerSecond: Math.max(1, Math.floor(rate / 2 / 100)),
    })
    const traffic = load(plan)
    const loaded = await loadedDelays(bench, plan.durationMs)
    const sent = await traffic
    yield figure('event to rollup, p95, at half load', loaded.delays.p95 / 1000, 's', 2, {
      samples: loaded.samples,
      latencyMs: loaded.delays,
      pollMs: POLL_LOADED_MS,
      eventsPerSecond: (plan.ratePerSecond ?? 0) * plan.batch,
      sustainedEventsPerSecond: Math.round(rate),
      dropped: sent.dropped,
      cpuSeconds: watch.stop().cpuSeconds,
      generator: generatorCost([sent], sent.accepted),
    })
  } finally {
    await bench.end()
  }
}

async function send(bench: Bench, userId: string): Promise<void> {
  const event = {
    org_id: 'org_demo',
    user_id: userId,
    provider: 'openai',
    model: 'gpt-4o',
    tokens_in: 100,
    tokens_out: 50,
    ts: Date.now(),
  }
  const answer = await fetch(`http://127.0.0.1:${bench.edgePort}/v1/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event),
  })
  if (answer.status !== 202) throw new Error(`freshness: the edge answered ${answer.status}`)
}

async function idleDelays(bench: Bench): Promise<Percentiles> {
  const delays: number[] = []
  for (let i = 0; i < SAMPLES; i++) {
    const started = performance.now()
    await send(bench, `fresh_${i}`)
    const seen = `SELECT count() FROM usage_1m WHERE user_id = 'fresh_${i}'`
    await until(async () => (await bench.sql(seen))[0]?.[0] === '1', POLL_MS)
    delays.push(performance.now() - started)
  }
  return percentiles(delays)
}

/** Events a second from the first one to the last one visible, in a short run that also warms up. */
async function sustainedRate(bench: Bench, options: BenchOptions): Promise<number> {
  const before = await bench.visible()
  const sent = await load(loadPlan(bench.edgePort, options, { durationMs: FIND_RATE_MS }))
  const endedMs = performance.now()
  await until(async () => (await bench.visible()) >= before + sent.accepted, POLL_LOADED_MS)
  return (sent.accepted * 1000) / (sent.elapsedMs + performance.now() - endedMs)
}

async function loadedDelays(
  bench: Bench,
  durationMs: number,
): Promise<{ readonly delays: Percentiles; readonly samples: number }> {
  const sentAt = new Map<string, number>()
  const delays: number[] = []
  const since = Math.floor(Date.now() / 60_000) * 60 - 60
  // The traffic needs a moment to begin; what it leaves behind at its end does not count.
  await pause(1000)
  const endMs = performance.now() + durationMs - 2000
  const probing = (async () => {
    for (let i = 0; performance.now() < endMs; i++) {
      const id = `probe_${i}`
      sentAt.set(id, performance.now())
      await send(bench, id)
      await pause(PROBE_EVERY_MS)
    }
  })()
  let probed = false
  void probing.then(() => {
    probed = true
  })
  const question = `SELECT DISTINCT user_id FROM usage_1m WHERE org_id = 'org_demo' AND window_start >= toDateTime(${since}) AND startsWith(user_id, 'probe_')`
  await until(async () => {
    const rows = await bench.sql(question)
    const now = performance.now()
    for (const [id = ''] of rows) {
      const started = sentAt.get(id)
      if (started === undefined) continue
      sentAt.delete(id)
      delays.push(now - started)
    }
    return probed && sentAt.size === 0
  }, POLL_LOADED_MS)
  await probing
  return { delays: percentiles(delays), samples: delays.length }
}
