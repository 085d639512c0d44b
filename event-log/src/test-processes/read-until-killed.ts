import { argv } from 'node:process'
import { openLmdbLog } from '../lmdb-log.ts'
import { printLine } from './print-line.ts'
import { randomSource } from './random-source.ts'

/**
 * Reads and commits without end: `read-until-killed.ts <dir> <group> <seed>`. Prints "from <partition> <offset>" at the
 * start, then "read <partition> <offset> <next offset>" before and "committed <partition> <offset>" after each commit.
 */
const [dir = '', group = '', seedText = '0'] = argv.slice(2)
const random = randomSource(Number(seedText))
const log = await openLmdbLog({ dir, partitions: 2, retentionMs: 0, trimEveryMs: 5 })
const member = await log.join(group, { onAssigned: () => undefined, onRevoked: async () => undefined })

async function readForEver(partition: number): Promise<never> {
  const committed = await member.committed(partition)
  let next = committed?.offset ?? 0
  if (committed !== null && committed.note !== `up to ${next}`) throw new Error(`note '${committed.note}' at ${next}`)
  await printLine(`from ${partition} ${next}`)
  for (;;) {
    const records = await member.read(partition, next, { maxRecords: 1 + random(300), maxBytes: 1e6, waitMs: 50 })
    const last = records.at(-1)
    if (last === undefined) continue
    for (const [index, { kind, offset }] of records.entries()) {
      if (kind !== 'ok' || offset !== next + index)
        throw new Error(`record ${offset} is ${kind}, wanted ${next + index}`)
    }
    await printLine(`read ${partition} ${next} ${last.offset + 1}`)
    next = last.offset + 1
    await member.commit(partition, next, `up to ${next}`)
    await printLine(`committed ${partition} ${next}`)
  }
}

await Promise.all([readForEver(0), readForEver(1)])
