import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeEventLog } from './event-log.contract.ts'
import { type LmdbLog, openLmdbLog } from './lmdb-log.ts'

describeEventLog('lmdb log', { membersPerGroup: 'one', trims: true, damages: true }, async (options) => {
  const dir = await mkdtemp(join(tmpdir(), 'ecomind-log-'))
  const opened: LmdbLog[] = []
  return {
    open: async () => {
      const log = await openLmdbLog({ dir, ...options })
      opened.push(log)
      return log
    },
    trim: async (log) => {
      await opened.find((one) => one === log)?.trim()
    },
    damage: async () => {
      const file = join(dir, 'data.mdb')
      const bytes = await readFile(file)
      // Old copies of the page may be in the file as well; all of them are damaged.
      for (let at = bytes.indexOf('damaged value'); at >= 0; at = bytes.indexOf('damaged value', at + 1)) {
        bytes[at] = (bytes[at] ?? 0) ^ 1
      }
      await writeFile(file, bytes)
    },
    remove: async () => rm(dir, { recursive: true, force: true }),
  }
})
