/** How long from sending an event to seeing it in a rollup, one event at a time on a calm product. */

import { percentiles } from './load-generator.ts'
import { openBench, until } from './product.ts'
import { type Figure, figure } from './report.ts'

const POLL_MS = 10

export async function* benchFreshness(samples: number): AsyncGenerator<Figure> {
  const bench = await openBench()
  try {
    await bench.start('core')
    await bench.start('edge')
    const delays: number[] = []
    for (let i = 0; i < samples; i++) {
      const event = {
        org_id: 'org_demo',
        user_id: `fresh_${i}`,
        provider: 'openai',
        model: 'gpt-4o',
        tokens_in: 100,
        tokens_out: 50,
        ts: Date.now(),
      }
      const started = performance.now()
      const answer = await fetch(`http://127.0.0.1:${bench.edgePort}/v1/ingest`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(event),
      })
      if (answer.status !== 202) throw new Error(`freshness: the edge answered ${answer.status}`)
      const seen = `SELECT count() FROM usage_1m WHERE user_id = 'fresh_${i}'`
      await until(async () => (await bench.sql(seen))[0]?.[0] === '1', POLL_MS)
      delays.push(performance.now() - started)
    }
    const latency = percentiles(delays)
    yield figure('event to rollup, p95', latency.p95 / 1000, 's', 2, { samples, latencyMs: latency, pollMs: POLL_MS })
  } finally {
    await bench.end()
  }
}
