import { mkdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { argv } from 'node:process'
import { LogUnavailableError } from '../event-log.ts'
import { openLmdbLog } from '../lmdb-log.ts'
import { readNumberedValue } from './numbered-value.ts'
import { randomSource } from './random-source.ts'

/**
 * `read-damaged.ts <whole data.mdb> <folder> <seed> <count> <kind>`: damages a copy in many ways, opens and reads each
 * and prints "opened <ok> <corrupt>" or "refused <message>". That it survives is what the parent wants to know: LMDB
 * would end the process.
 */
const [whole = '', folder = '', seed = '0', count = '0', kind = ''] = argv.slice(2)
const random = randomSource(Number(seed))
const original = readFileSync(whole)
const pageBytes = 4_096

function damaged(): Buffer {
  const bytes = Buffer.from(original)
  if (kind === 'cut off') return bytes.subarray(0, random(bytes.length))
  if (kind === 'garbage tail') return Buffer.concat([bytes, Buffer.alloc(1 + random(50_000), 0xa5)])
  const from = random(bytes.length / pageBytes) * pageBytes
  const end = kind === 'page overwritten' ? from + pageBytes : from + 1 + random(pageBytes * 4)
  for (let at = from; at < Math.min(end, bytes.length); at++) bytes[at] = random(256)
  return bytes
}

async function read(dir: string): Promise<string> {
  const log = await openLmdbLog({ dir, partitions: 2 })
  const member = await log.join('check', { onAssigned: () => undefined, onRevoked: async () => undefined })
  const counts = { ok: 0, corrupt: 0 }
  for (const { partition, firstOffset, nextOffset } of await log.stats()) {
    let next = firstOffset
    while (next < nextOffset) {
      const records = await member.read(partition, next, { maxRecords: 1_000, maxBytes: 1e8, waitMs: 0 })
      if (records[0]?.offset !== next) throw new Error(`offset ${next} of partition ${partition} was left out`)
      for (const record of records) {
        if (record.kind === 'ok' && readNumberedValue(record.value) === null) throw new Error('damage passed as ok')
        counts[record.kind] += 1
      }
      next = (records.at(-1)?.offset ?? next) + 1
    }
  }
  await log.close()
  return `opened ${counts.ok} ${counts.corrupt}`
}

for (let index = 0; index < Number(count); index++) {
  const dir = join(folder, `${index}`)
  mkdirSync(dir)
  writeFileSync(join(dir, 'data.mdb'), damaged())
  try {
    writeSync(1, `${await read(dir)}\n`)
  } catch (error) {
    if (!(error instanceof LogUnavailableError)) throw error
    writeSync(1, `refused ${error.message}\n`)
  }
}
