/**
 * Adds batches to a dedupe index without end: `index-until-killed.ts <dir> <seed>`. Goes on where the index knows the
 * log to. Prints the marker's offset behind every add.
 */
import { argv, stdout } from 'node:process'
import { pino } from 'pino'
import { openSegmentIndex } from '../segment-index/open-segment-index.ts'
import { addCopies } from './index-tools.ts'
import { dayOf, KILLED_DAYS, KILLED_GENERATION, killedBatch, NEWEST_MAX, randomSource } from './killed-batch.ts'

const [dir = '', seed = '0'] = argv.slice(2)
const random = randomSource(Number(seed))
const index = await openSegmentIndex(dir, pino({ level: 'warn' }, pino.destination(2)), { newestMax: NEWEST_MAX })
for (;;) {
  const from = index.marker()?.offset ?? 0
  const offset = from + 1 + random(random(4) === 0 ? 2000 : 100)
  await addCopies(index, killedBatch(from, offset), { generation: KILLED_GENERATION, partitions: 2, offset })
  await index.dropBefore(dayOf(offset) - KILLED_DAYS)
  // What the parent reads was added before the kill.
  await new Promise((resolve) => stdout.write(`${offset}\n`, resolve))
}
