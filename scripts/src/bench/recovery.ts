/** `kill -9` of the core with many unread events: how long until everything is counted after its restart. */
import { batchPlan, load, openBench, until } from './product.ts'
import { type Figure, figure } from './report.ts'

const POLL_MS = 50

export async function* benchRecovery(events: number): AsyncGenerator<Figure> {
  const bench = await openBench()
  try {
    const core = await bench.start('core')
    await bench.start('edge')
    const before = core.pid()
    let accepted = 0
    for (let round = 0; accepted < events; round++) {
      if (round === 1) await core.stop(0)
      const sent = await load(batchPlan(bench.edgePort, 1000, `recovery-${round}`))
      accepted += sent.accepted
    }
    const started = performance.now()
    await bench.start('core')
    const startSeconds = (performance.now() - started) / 1000
    const counted = async () => Number((await bench.sql('SELECT sum(calls) FROM usage_1m'))[0]?.[0] ?? 0)
    const first = await counted()
    await until(async () => (await counted()) >= accepted, POLL_MS)
    const seconds = (performance.now() - started) / 1000
    if ((await counted()) !== accepted) throw new Error(`recovery: ${await counted()} counted, ${accepted} accepted`)
    yield figure('restart after kill -9 until caught up', seconds, 's', 10, {
      accepted,
      countedAtFirstLook: first,
      startSeconds,
      killedPid: before,
    })
  } finally {
    await bench.end()
  }
}
