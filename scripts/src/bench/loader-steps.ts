/**
 * The real loader in this process, over a log that was filled before, and what each of its steps costs. It is started and
 * stopped through the package's own entry, so it measures whatever the loader is made of.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouse, migrate, openClickHouse } from '@ecomind/clickhouse'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { footprintModel, readLoaderConfig, startLoader } from '@ecomind/stream-jobs'
import { pino } from 'pino'
import { appendEvents, openDataLog } from './append-events.ts'
import type { BenchOptions } from './options.ts'
import { pause } from './product.ts'
import { type Figure, figure } from './report.ts'
import { median, round } from './statistics.ts'
import { measureSteps, STEPS, type StepCosts } from './step-costs.ts'

const POLL_MS = 50
const WARM_UP_EVENTS = 100_000
/** What a busy minute is spread over. */
const SPAN_MS = 60_000

export async function* benchLoaderSteps(options: BenchOptions): AsyncGenerator<Figure> {
  const { events, users, models, repeats } = options
  const dir = mkdtempSync(join(tmpdir(), 'ecomind-bench-'))
  const target = { kind: 'embedded', dataDir: join(dir, 'clickhouse'), spoolDir: join(dir, 'spool') } as const
  const inserts = await openClickHouse(target, { role: 'loader' })
  const questions = await openClickHouse(target, { role: 'api' })
  try {
    await migrate(inserts)
    const turns: StepCosts[] = []
    let stored = 0
    for (let turn = 0; turn <= repeats; turn++) {
      const own = turn === 0 ? WARM_UP_EVENTS : events
      const fromMs = Date.now() - SPAN_MS
      await appendEvents(dir, { events: own, orgs: 1, users, models, fromMs, spanMs: SPAN_MS, activeShare: 1 })
      stored += own
      const costs = await loadAll(dir, inserts, questions, stored)
      if (turn > 0) turns.push(costs)
    }
    const whole = turns.map((t) => STEPS.reduce((sum, step) => sum + t[step], 0))
    const details = { events, users, models, ids: 'uuid', eventsPerRecord: 1000 }
    yield figure('loader in process, all steps and inserts', events / median(whole), 'events per CPU-second', null, {
      ...details,
      repeats: whole.map((cpu) => Math.round(events / cpu)),
      microsPerEvent: Object.fromEntries(
        STEPS.map((step) => [step, round((median(turns.map((t) => t[step])) * 1e6) / events)]),
      ),
    })
    for (const step of STEPS) {
      const cpu = median(turns.map((t) => t[step]))
      // Nothing was sampled: no rate can be told.
      if (cpu === 0) continue
      yield figure(`loader step: ${step}`, events / cpu, 'events per CPU-second', null, {
        ...details,
        cpuSeconds: turns.map((t) => round(t[step])),
      })
    }
  } finally {
    await questions.close()
    await inserts.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

/** A loader from its start until the table holds so many rows. */
async function loadAll(dir: string, inserts: ClickHouse, questions: ClickHouse, wanted: number): Promise<StepCosts> {
  const log = await openDataLog(dir)
  const model = footprintModel(loadDefaultFactorSet())
  const { loader: settings, dedupeDir } = readLoaderConfig({ ECOMIND_DATA_DIR: dir })
  try {
    return await measureSteps(async () => {
      const loader = await startLoader({
        log,
        clickhouse: inserts,
        models: { running: model, load: async () => null },
        dedupeDir,
        settings,
        logger: pino({ level: 'warn' }, pino.destination(2)),
        repairRollups: async () => undefined,
      })
      while ((await countRows(questions)) < wanted) await pause(POLL_MS)
      await loader.stop()
    })
  } finally {
    await log.close()
  }
}

async function countRows(ch: ClickHouse): Promise<number> {
  const [row] = await ch.query<{ rows: string }>({ text: 'SELECT count() AS rows FROM ecomind.usage_events' })
  return Number(row?.rows ?? 0)
}
