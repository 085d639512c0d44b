/** `kill -9` of the core, then a million events that nobody reads: how long until everything is counted after its restart. */
import { addSent } from './load/load-plan.ts'
import type { BenchOptions } from './options.ts'
import { requireExactlyOnce } from './oracle.ts'
import { killForGood, load, loadPlan, openBench, until } from './product.ts'
import { type Figure, figure } from './report.ts'
import { round } from './statistics.ts'
import { watchProcesses } from './watch-processes.ts'

const POLL_MS = 50
const BEFORE_MS = 1000
const SEND_MS_MAX = 600_000

export async function* benchRecovery(options: BenchOptions): AsyncGenerator<Figure> {
  const bench = await openBench()
  try {
    const core = await bench.start('core')
    await bench.start('edge')
    // The core dies while it loads, so that it finds an open batch.
    const read = await load(loadPlan(bench.edgePort, options, { durationMs: BEFORE_MS }))
    await killForGood(core)
    const unread = await load(loadPlan(bench.edgePort, options, { durationMs: SEND_MS_MAX, eventsMax: options.events }))
    const all = addSent([read, unread])
    const started = performance.now()
    const again = await bench.start('core')
    const startSeconds = (performance.now() - started) / 1000
    const watch = watchProcesses({ core: again.pid })
    const countedAtFirstLook = await bench.visible()
    await until(async () => (await bench.visible()) >= all.accepted, POLL_MS)
    const seconds = (performance.now() - started) / 1000
    const cost = watch.stop()
    yield figure('restart after kill -9 until caught up', seconds, 's', 10, {
      unread: unread.accepted,
      oracle: await requireExactlyOnce(bench, all),
      healthyAfterSeconds: round(startSeconds),
      countedAtFirstLook,
      batch: 100,
      cpuSecondsAfterHealth: cost.cpuSeconds,
      mostMemory: cost.mostMemory,
    })
  } finally {
    await bench.end()
  }
}
