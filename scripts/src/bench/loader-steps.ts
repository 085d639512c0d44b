/**
 * The loader's steps, each alone and in this process, events per CPU-second: decode, duplicates, enrichment, encoding,
 * insert with all views. Thin on purpose: steps.ts is the one place that knows their functions.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeRecords } from './append-events.ts'
import type { BenchOptions } from './options.ts'
import { type Figure, figure } from './report.ts'
import { median } from './statistics.ts'
import { openSteps, STEP_NAMES, type StepName } from './steps.ts'

/** What the loader puts into one insert. */
const BATCH_EVENTS = 50_000
const BATCHES_MAX = 20

export async function* benchLoaderSteps(options: BenchOptions): AsyncGenerator<Figure> {
  const dir = mkdtempSync(join(tmpdir(), 'ecomind-bench-'))
  const steps = await openSteps(dir)
  try {
    const batches = Math.max(1, Math.min(BATCHES_MAX, Math.floor(options.events / BATCH_EVENTS)))
    const rates: { [name in StepName]?: number[] } = {}
    // Two batches warm up; the repeats go on with new ids, as traffic does.
    for (let turn = 0; turn <= options.repeats; turn++) {
      const cost = await measureBatches(steps, turn === 0 ? 2 : batches, options)
      if (turn === 0) continue
      for (const name of STEP_NAMES) {
        rates[name] ??= []
        rates[name].push((batches * BATCH_EVENTS) / cost[name])
      }
    }
    for (const name of STEP_NAMES) {
      const own = rates[name] ?? []
      yield figure(`loader step: ${name}`, median(own), 'events per CPU-second', null, {
        repeats: own.map(Math.round),
        batch: BATCH_EVENTS,
        events: batches * BATCH_EVENTS,
        users: options.users,
        models: options.models,
      })
    }
  } finally {
    await steps.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

/** CPU seconds of each step. One step of one batch behind the other, as in the loader, so that garbage stays where it is made. */
async function measureBatches(
  steps: Awaited<ReturnType<typeof openSteps>>,
  batches: number,
  { users, models }: BenchOptions,
): Promise<Record<StepName, number>> {
  const cost = Object.fromEntries(STEP_NAMES.map((name) => [name, 0])) as Record<StepName, number>
  for (let b = 0; b < batches; b++) {
    const traffic = {
      events: BATCH_EVENTS,
      orgs: 1,
      users,
      models,
      fromMs: Date.now() - 1000,
      spanMs: 1000,
      activeShare: 1,
    }
    const batch = steps.newBatch([...makeRecords(traffic)])
    for (const name of STEP_NAMES) {
      const before = process.cpuUsage()
      await batch[name]()
      const { user, system } = process.cpuUsage(before)
      cost[name] += (user + system) / 1e6
    }
  }
  return cost
}
