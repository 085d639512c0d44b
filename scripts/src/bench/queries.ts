/**
 * Dashboard questions over 30 days of many raw events, through the API as the page asks them. Every answer is checked for
 * its number of calls; the questions take turns, so that a change of the machine hits all.
 */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { prepareDays } from './cached-data.ts'
import type { BenchOptions } from './options.ts'
import { cpuSeconds } from './process-cost.ts'
import { type Bench, openBench, pause } from './product.ts'
import { DAY_MS, today } from './query-data.ts'
import { type Figure, figure } from './report.ts'
import { median, percentiles, round } from './statistics.ts'

const DAYS = 30
const REPEATS = 30
const HOUR_MS = 3_600_000
const TARGET_MS = 50
const STOP_MS = 30_000

interface Question {
  readonly name: string
  readonly url: string
  /** Null: any number above zero. */
  readonly calls: number | null
}

export async function* benchQueries(options: BenchOptions): AsyncGenerator<Figure> {
  const bench = await openBench()
  try {
    const rowsPerDay = Math.ceil(options.rows / DAYS)
    await makeEmptyIndex(bench)
    const prepared = await prepareDays(options.cacheDir, bench.dataDir, rowsPerDay, DAYS)
    const core = await bench.start('core')
    await untilQuiet(core.pid)
    const questions = questionsOf(bench, rowsPerDay)
    const times = questions.map(() => ({ ms: [] as number[], cpuMs: [] as number[] }))
    for (let turn = -1; turn < REPEATS; turn++)
      for (const [i, question] of questions.entries()) {
        const cpuBefore = cpuSeconds(core.pid())
        const ms = await ask(question)
        // The first turn warms up.
        if (turn < 0) continue
        times[i]?.ms.push(ms)
        times[i]?.cpuMs.push((cpuSeconds(core.pid()) - cpuBefore) * 1000)
      }
    const details = { rows: rowsPerDay * DAYS, days: DAYS, users: 2000, questions: REPEATS, ...prepared }
    for (const [i, { name }] of questions.entries()) {
      const own = times[i] ?? { ms: [], cpuMs: [] }
      const cpuMsEach = round(own.cpuMs.reduce((a, b) => a + b, 0) / REPEATS)
      const more = { latencyMs: percentiles(own.ms), cpuMsEach }
      yield figure(`dashboard query, ${name}, p95`, percentiles(own.ms).p95, 'ms', TARGET_MS, { ...details, ...more })
    }
    const all = times.flatMap((t) => t.ms)
    yield figure('dashboard query over 30 days, p95 of all questions', percentiles(all).p95, 'ms', TARGET_MS, {
      ...details,
      latencyMs: percentiles(all),
      medianOfMedians: round(median(times.map((t) => median(t.ms)))),
    })
  } finally {
    await bench.end()
  }
}

/**
 * A core that finds no dedupe index reads all ids from ClickHouse first, half an hour for 100 million. So the log and its
 * index are made over an empty database, which the filled one then replaces.
 */
export async function makeEmptyIndex(bench: Bench): Promise<void> {
  const core = await bench.start('core')
  await core.stop(STOP_MS)
  rmSync(join(bench.dataDir, 'clickhouse'), { recursive: true })
}

/** The last 30 days end with today, which is filled to its end. */
function questionsOf(bench: Bench, rowsPerDay: number): Question[] {
  const endMs = (today() + 1) * DAY_MS
  const iso = (ms: number) => new Date(ms).toISOString()
  const api = `http://127.0.0.1:${bench.apiPort}/v1`
  const usage = (fromMs: number, more: string) =>
    `${api}/usage?org_id=org_demo&from=${iso(fromMs)}&to=${iso(endMs)}${more}`
  const whole = (more: string) => usage(endMs - DAYS * DAY_MS, more)
  const calls = rowsPerDay * DAYS
  return [
    { name: 'trend by day', url: whole('&window=1d'), calls },
    { name: 'by model', url: whole('&group_by=model'), calls },
    { name: 'by team', url: whole('&group_by=team_id'), calls },
    { name: 'by user', url: whole('&group_by=user_id'), calls },
    { name: 'last 24 hours by hour', url: usage(endMs - 24 * HOUR_MS, '&window=1h'), calls: rowsPerDay },
    { name: 'today', url: `${api}/today?org_id=org_demo`, calls: null },
  ]
}

/** Milliseconds until the whole answer is there. */
async function ask({ name, url, calls }: Question): Promise<number> {
  const started = performance.now()
  const answer = await fetch(url)
  const body = (await answer.json()) as { totals?: { calls: number }; calls?: number }
  const ms = performance.now() - started
  const counted = body.totals?.calls ?? body.calls ?? 0
  if (!answer.ok || (calls === null ? counted === 0 : counted !== calls))
    throw new Error(`queries: ${name}: status ${answer.status}, ${counted} calls, ${calls ?? 'some'} wanted`)
  return ms
}

const QUIET_SHARE = 0.1
const LOOK_MS = 2000
const LOOKS_MAX = 300

/** The start compares the last days with raw events, and merges go on: questions begin behind that. */
export async function untilQuiet(pid: () => number): Promise<void> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    const before = cpuSeconds(pid())
    await pause(LOOK_MS)
    if ((cpuSeconds(pid()) - before) * 1000 < LOOK_MS * QUIET_SHARE) return
  }
}
