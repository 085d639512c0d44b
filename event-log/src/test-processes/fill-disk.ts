import { writeSync } from 'node:fs'
import { argv } from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { LogFullError, LogUnavailableError } from '../event-log.ts'
import { openLmdbLog } from '../lmdb-log.ts'
import { numberedValue, readNumberedValue } from './numbered-value.ts'

/**
 * `fill-disk.ts <dir>`: appends until the disk takes no more, reads everything back, commits it and prints
 * "full <count> <kind of refusal>", "read <ok> <corrupt>", then tries until appends are taken again: "again <count>".
 */
const [dir = ''] = argv.slice(2)
const log = await openLmdbLog({ dir, partitions: 1 })
const member = await log.join('loader', { onAssigned: () => undefined, onRevoked: async () => undefined })
let appended = 0

async function fill(limit: number): Promise<string> {
  const until = appended + limit
  while (appended < until) {
    try {
      await log.append(0, [{ value: numberedValue('fill', appended, 15_000), arrivedAtMs: Date.now() }])
      appended += 1
    } catch (error) {
      if (error instanceof LogFullError || error instanceof LogUnavailableError) return error.name
      throw error
    }
  }
  return 'nothing'
}

const refusal = await fill(100_000)
writeSync(1, `full ${appended} ${refusal}\n`)
const [stats] = await log.stats()
const records = await member.read(0, 0, { maxRecords: 1e6, maxBytes: 1e10, waitMs: 0 })
const whole = records.filter((record, index) => readNumberedValue(record.value)?.number === index)
writeSync(1, `read ${whole.length} ${stats?.nextOffset}\n`)
await member.commit(0, appended, '')
const before = appended
for (let tries = 0; tries < 60 && appended < before + 50; tries++) {
  await fill(50)
  await pause(100)
}
writeSync(1, `again ${appended - before}\n`)
await log.close()
