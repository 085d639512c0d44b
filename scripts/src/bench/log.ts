/** The embedded log alone, in this process: durable appends of records of several sizes, then reading them back. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EventLog } from '@ecomind/event-log'
import { makeRecords, openDataLog, type Record } from './append-events.ts'
import type { BenchOptions } from './options.ts'
import { type Figure, figure } from './report.ts'
import { median } from './statistics.ts'

const READ = { maxRecords: 10_000, maxBytes: 32 * 2 ** 20, waitMs: 0 }
/** Events in one record, and how many of them: one lonely request, a small group, a full one. */
const SIZES = [
  [1, 2000],
  [100, 200_000],
  [1000, 500_000],
] as const

interface Cost {
  readonly cpuSeconds: number
  readonly seconds: number
}

export async function* benchLog(options: BenchOptions): AsyncGenerator<Figure> {
  for (const [eventsPerRecord, events] of SIZES) {
    const traffic = {
      events,
      orgs: 1,
      users: options.users,
      models: options.models,
      fromMs: Date.now(),
      spanMs: 10_000,
      activeShare: 1,
    }
    const records = [...makeRecords(traffic, eventsPerRecord)]
    const appends: Cost[] = []
    const reads: Cost[] = []
    await turn(records)
    for (let r = 0; r < options.repeats; r++) {
      const { append, read } = await turn(records)
      appends.push(append)
      reads.push(read)
    }
    const bytes = records.reduce((sum, record) => sum + record.value.length, 0)
    const details = { events, eventsPerRecord, bytesPerEvent: Math.round(bytes / events), partitions: 2 }
    for (const [name, costs] of [
      ['append', appends],
      ['read', reads],
    ] as const)
      yield figure(
        `log ${name}, ${eventsPerRecord} events a record`,
        rate(events, costs),
        'events per CPU-second',
        null,
        {
          ...details,
          perSecond: Math.round(events / median(costs.map((c) => c.seconds))),
          cpuSeconds: costs.map((c) => c.cpuSeconds),
        },
      )
  }
}

const rate = (events: number, costs: readonly Cost[]): number => events / median(costs.map((c) => c.cpuSeconds))

/** A new log, filled and read once. */
async function turn(records: readonly Record[]): Promise<{ readonly append: Cost; readonly read: Cost }> {
  const dir = mkdtempSync(join(tmpdir(), 'ecomind-bench-'))
  const log = await openDataLog(dir)
  try {
    const append = await measure(() => appendAll(log, records))
    const read = await measure(() => readAll(log, records.length))
    return { append, read }
  } finally {
    await log.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

/** One append under way per partition, as the edge does; each waits for its flush. */
async function appendAll(log: EventLog, records: readonly Record[]): Promise<void> {
  const appendTo = async (partition: number) => {
    for (const { value, arrivedAtMs } of records.filter((r) => r.partition === partition))
      await log.append(partition, [{ value, arrivedAtMs }])
  }
  await Promise.all(Array.from({ length: log.partitions }, (_, p) => appendTo(p)))
}

async function readAll(log: EventLog, wanted: number): Promise<void> {
  const member = await log.join('bench', { onAssigned: () => undefined, onRevoked: async () => undefined })
  let count = 0
  for (const { partition, firstOffset, nextOffset } of await log.stats()) {
    for (let offset = firstOffset; offset < nextOffset; ) {
      const records = await member.read(partition, offset, READ)
      count += records.length
      offset = (records.at(-1)?.offset ?? nextOffset) + 1
    }
  }
  await member.leave()
  if (count !== wanted) throw new Error(`log: ${count} records read, ${wanted} appended`)
}

async function measure(work: () => Promise<void>): Promise<Cost> {
  const cpu = process.cpuUsage()
  const started = performance.now()
  await work()
  const { user, system } = process.cpuUsage(cpu)
  return { cpuSeconds: (user + system) / 1e6, seconds: (performance.now() - started) / 1000 }
}
