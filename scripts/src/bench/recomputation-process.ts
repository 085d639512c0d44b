/**
 * One try of the recomputation bench: `<data folder> <kill after ms, 0: never>`. Carries on where the try before died.
 * Prints one JSON line when the run is done.
 */
import { openClickHouse } from '@ecomind/clickhouse'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { Recomputations } from '@ecomind/serving-api'
import { pino } from 'pino'
import { BENCH_ORG, benchRequest, engineTarget } from './recomputation-data.ts'

const [dir = '', killAfterMs = '0'] = process.argv.slice(2)
if (Number(killAfterMs) > 0) setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(killAfterMs))

const set = loadDefaultFactorSet()
const clickhouse = await openClickHouse(engineTarget(dir), { role: 'loader' })
const runs = await Recomputations.open({
  clickhouse,
  whileLoadingPaused: (work) => work(),
  isQuiet: () => true,
  faultPoint: () => undefined,
  loadFactorSet: async (id) => (id === set.id ? set : null),
  runningSetId: async () => set.id,
  audit: { noteOnce: async () => undefined },
  logger: pino({ level: 'warn' }, pino.destination(2)),
  nowMs: Date.now,
})
await runs.start(benchRequest(set.id))
await runs.idle()
const run = runs.list(BENCH_ORG).at(-1)
await clickhouse.close()
const { user, system } = process.cpuUsage()
const cost = {
  maxRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
  cpuSeconds: Number(((user + system) / 1e6).toFixed(1)),
}
process.stdout.write(`${JSON.stringify({ state: run?.state, chunks: run?.chunks.length, ...cost })}\n`)
process.exit(run?.state === 'done' ? 0 : 1)
