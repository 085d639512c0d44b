import { describeEventLog } from './event-log.contract.ts'
import { createMemoryStorage, damageMemoryRecord, type MemoryLog, openMemoryLog } from './memory-log.ts'

describeEventLog('memory log', { membersPerGroup: 'many', trims: true, damages: true }, async (options) => {
  const storage = createMemoryStorage(options.partitions)
  const opened: MemoryLog[] = []
  return {
    open: async () => {
      const log = openMemoryLog({ storage, ...options })
      opened.push(log)
      return log
    },
    trim: async (log) => opened.find((one) => one === log)?.trim(),
    damage: async (partition, offset) => damageMemoryRecord(storage, partition, offset),
    remove: async () => undefined,
  }
})
