/** From HTTP to a queryable window, with validation, deduplication and enrichment on; an oracle counts at the end. */

import type { LoadResult } from './load-generator.ts'
import { residentMegabytes } from './process-cost.ts'
import { batchPlan, load, measureCpu, openBench, until } from './product.ts'
import { type Figure, figure } from './report.ts'

const POLL_MS = 100

export async function* benchWholePath(seconds: number): AsyncGenerator<Figure> {
  const bench = await openBench()
  try {
    const core = await bench.start('core')
    const edge = await bench.start('edge')
    yield figure(
      'resident memory, idle, all processes',
      residentMegabytes(edge.pid()) + residentMegabytes(core.pid()),
      'MB',
      900,
      { edge: residentMegabytes(edge.pid()), core: residentMegabytes(core.pid()), supervisor: 'not counted' },
    )
    const started = performance.now()
    const visible = async () => Number((await bench.sql('SELECT sum(calls) FROM usage_1m'))[0]?.[0] ?? 0)
    const run = await measureCpu({ edge: edge.pid(), core: core.pid() }, async () => {
      const sent = await load(batchPlan(bench.edgePort, seconds * 1000, 'whole-path'))
      await until(async () => (await visible()) >= sent.accepted, POLL_MS)
      return sent
    })
    const elapsedSeconds = (performance.now() - started) / 1000
    const total = Object.values(run.cpu).reduce((a, b) => a + b, 0)
    const oracle = await verdict(bench.sql, run.result)
    const details = { seconds, elapsedSeconds, cpuSeconds: run.cpu, refused: run.result.refused, oracle, users: 2000 }
    yield figure(
      'whole path, HTTP to visible in usage_1m',
      run.result.accepted / elapsedSeconds,
      'events/s',
      100_000,
      details,
    )
    yield figure(
      'whole path per CPU-second of all processes',
      run.result.accepted / total,
      'events per CPU-second',
      60_000,
      details,
    )
    yield figure('peak memory of the core after the run', residentMegabytes(core.pid()), 'MB', 0, {})
  } finally {
    await bench.end()
  }
}

/** Lost and doubled by ids and sums in raw and in every rollup; anything but zero is a failed run. */
async function verdict(sql: (query: string) => Promise<string[][]>, sent: LoadResult): Promise<string> {
  const [raw] = await sql('SELECT count(), uniqExact(event_id), sum(tokens_in), sum(tokens_out) FROM usage_events')
  const rollups = await Promise.all(
    ['usage_1m', 'usage_15m', 'usage_1h', 'usage_1d'].map((t) =>
      sql(`SELECT sum(calls), sum(tokens_in), sum(tokens_out) FROM ${t}`),
    ),
  )
  const wanted = [sent.accepted, sent.tokensIn, sent.tokensOut].join()
  const [count, ids, ...tokens] = raw ?? []
  if (sent.rejected.length > 0) throw new Error(`whole path: events were rejected: ${sent.rejected.join(' ')}`)
  const good =
    Number(ids) === sent.accepted &&
    [count, ...tokens].join() === wanted &&
    rollups.every((rows) => rows[0]?.join() === wanted)
  if (!good)
    throw new Error(
      `whole path: wanted ${wanted}, raw ${raw}, rollups ${rollups.map((r) => r[0]?.join(' ')).join(' | ')}`,
    )
  return 'lost 0, doubled 0'
}
