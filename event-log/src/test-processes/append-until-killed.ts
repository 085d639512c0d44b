import { argv } from 'node:process'
import { openLmdbLog } from '../lmdb-log.ts'
import { numberedValue } from './numbered-value.ts'
import { printLine } from './print-line.ts'
import { randomSource } from './random-source.ts'

/**
 * Appends numbered records without end: `append-until-killed.ts <dir> <name> <seed>`. Several appends are under way at
 * once. Prints "ack <partition> <offset> <first number> <count>" only after the log acknowledged.
 */
const [dir = '', name = '', seedText = '0'] = argv.slice(2)
const random = randomSource(Number(seedText))
const log = await openLmdbLog({ dir, partitions: 2 })
let next = 0

async function appendForEver(): Promise<never> {
  for (;;) {
    const partition = random(2)
    const first = next
    const count = 1 + random(random(10) === 0 ? 200 : 3)
    next += count
    const records = Array.from({ length: count }, (_, index) => ({
      value: numberedValue(name, first + index, random(8) === 0 ? 20_000 : 150),
      arrivedAtMs: Date.now(),
    }))
    const offset = await log.append(partition, records)
    await printLine(`ack ${partition} ${offset} ${first} ${count}`)
  }
}

await Promise.all([appendForEver(), appendForEver(), appendForEver(), appendForEver()])
