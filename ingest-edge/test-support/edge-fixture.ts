/** An edge of its own for a test: free port, log in a temporary folder, log lines kept. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EventLog, openLog } from '@ecomind/event-log'
import type { UsageEvent } from '@ecomind/schemas'
import { decodeBatch } from '@ecomind/schemas/avro'
import { pino } from 'pino'
import { type EdgeConfig, readEdgeConfig } from '../src/config.ts'
import { type EdgeDeps, type RunningEdge, startEdge } from '../src/start-edge.ts'

export interface EdgeFixture {
  readonly port: number
  readonly edge: RunningEdge
  readonly log: EventLog
  readonly logDir: string
  readonly lines: readonly string[]
  stop(): Promise<void>
}

export async function startTestEdge(
  change: Partial<EdgeConfig> = {},
  deps: Partial<EdgeDeps> & { readonly logBytesMax?: number } = {},
): Promise<EdgeFixture> {
  const dir = mkdtempSync(join(tmpdir(), 'edge-'))
  const logDir = join(dir, 'log')
  const lines: string[] = []
  const bound = deps.logBytesMax === undefined ? {} : { maxBytes: deps.logBytesMax }
  const log = await openLog({ kind: 'embedded', dir: logDir, partitions: 2, ...bound })
  const logger = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) })
  const config = { ...readEdgeConfig({}), port: 0, logDir, ...change }
  const edge = await startEdge(config, { log, logger, ...deps })
  return {
    port: edge.port,
    edge,
    log,
    logDir,
    lines,
    stop: async () => {
      await edge.stop()
      await log.close()
      rmSync(dir, { recursive: true })
    },
  }
}

/** All events of a log, partition by partition. */
export async function readEvents(log: EventLog): Promise<UsageEvent[]> {
  const member = await log.join('test', { onAssigned: () => {}, onRevoked: async () => {} })
  const events: UsageEvent[] = []
  for (let partition = 0; partition < log.partitions; partition++) {
    for (let offset = 0; ; ) {
      const records = await member.read(partition, offset, { maxRecords: 1000, maxBytes: 1e8, waitMs: 0 })
      const last = records[records.length - 1]
      if (last === undefined) break
      for (const record of records) events.push(...decodeBatch(record.value).events.map(({ event }) => event))
      offset = last.offset + 1
    }
  }
  await member.leave()
  return events
}

/** True when the bytes of any file below `dir` hold the text. */
export function anyFileHolds(dir: string, text: string): boolean {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .some((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(text))
}

/** One number of the /metrics text. */
export async function readMetric(port: number, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `))
  return Number(line?.split(' ')[1] ?? Number.NaN)
}
