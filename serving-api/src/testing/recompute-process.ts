/**
 * A process that recomputes and may die on the way: `<folder> <nth passage of a fault point to be killed at, 0: none>`.
 * Meanwhile it loads events of other days, as a loader would. Exits with 0 when the run is done.
 */
import { insertUsageRows, type WhileLoadingPaused } from '@ecomind/clickhouse'
import {
  DAY_MS,
  DAYS,
  insertUsage,
  ORG_ID,
  openRuns,
  openWorldDatabase,
  startRequest,
  usageRows,
} from './recomputation-world.ts'

const LATE_BATCHES = 10
const [dir = '', killAt = '0'] = process.argv.slice(2)

const ch = await openWorldDatabase(dir)
await insertUsage(ch, 77, 4000)

let turn: Promise<unknown> = Promise.resolve()
const whileLoadingPaused: WhileLoadingPaused = async (work) => {
  const mine = turn.then(work)
  turn = mine.catch(() => undefined)
  return await mine
}

let passages = 0
const { runs } = await openRuns(ch, {
  whileLoadingPaused,
  faultPoint: () => {
    passages += 1
    if (passages === Number(killAt)) process.kill(process.pid, 'SIGKILL')
  },
})
await runs.start(startRequest())
for (let batch = 0; batch < LATE_BATCHES; batch++) {
  const rows = usageRows(900 + batch, 100).map((row) => ({ ...row, ts: row.ts + DAYS * DAY_MS }))
  await whileLoadingPaused(async () => await insertUsageRows(ch, rows, `late-${batch}`))
}
await runs.idle()
const [run] = runs.list(ORG_ID)
await ch.close()
if (run?.state !== 'done') process.stderr.write(`the run is ${run?.state}: ${run?.error}\n`)
process.exit(run?.state === 'done' ? 0 : 3)
