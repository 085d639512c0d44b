/**
 * Dashboard questions over 30 days of many raw events, through the API as the page asks them. Every answer is checked for
 * its number of calls; the questions take turns, so that a change of the machine hits all.
 */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Child } from '../start/child.ts'
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
    const details = { rows: rowsPerDay * DAYS, days: DAYS, users: 2000, questions: REPEATS, ...prepared }
    const dashboard = await askInTurns(questionsOf(bench, rowsPerDay), core)
    for (const { name, ms, cpuMsEach } of dashboard) {
      const more = { latencyMs: percentiles(ms), cpuMsEach }
      yield figure(`dashboard query, ${name}, p95`, percentiles(ms).p95, 'ms', TARGET_MS, { ...details, ...more })
    }
    const all = dashboard.flatMap(({ ms }) => ms)
    yield figure('dashboard query over 30 days, p95 of all questions', percentiles(all).p95, 'ms', TARGET_MS, {
      ...details,
      latencyMs: percentiles(all),
      medianOfMedians: round(median(dashboard.map(({ ms }) => median(ms)))),
    })
    for (const { name, ms, cpuMsEach } of await askInTurns([everyUser(bench, rowsPerDay)], core))
      yield figure(`${name}, p95`, percentiles(ms).p95, 'ms', null, {
        ...details,
        latencyMs: percentiles(ms),
        cpuMsEach,
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

interface Asked {
  readonly name: string
  readonly ms: readonly number[]
  readonly cpuMsEach: number
}

async function askInTurns(questions: readonly Question[], core: Pick<Child, 'pid'>): Promise<readonly Asked[]> {
  const times = questions.map(({ name }) => ({ name, ms: [] as number[], cpuMs: 0 }))
  for (let turn = -1; turn < REPEATS; turn++)
    for (const [i, question] of questions.entries()) {
      const cpuBefore = cpuSeconds(core.pid())
      const ms = await ask(question)
      const own = times[i]
      // The first turn warms up.
      if (turn < 0 || own === undefined) continue
      own.ms.push(ms)
      own.cpuMs += (cpuSeconds(core.pid()) - cpuBefore) * 1000
    }
  return times.map(({ name, ms, cpuMs }) => ({ name, ms, cpuMsEach: round(cpuMs / REPEATS) }))
}

/** The last 30 days end with today, which is filled to its end. Of users the page asks for the rows that it shows. */
function questionsOf(bench: Bench, rowsPerDay: number): Question[] {
  const api = `http://127.0.0.1:${bench.apiPort}/v1`
  const calls = rowsPerDay * DAYS
  const berlin = '&window=1d&tz=Europe/Berlin'
  return [
    { name: 'trend by day', url: usageUrl(bench, DAYS, '&window=1d'), calls },
    { name: 'trend by day of Europe/Berlin', url: usageUrl(bench, DAYS, berlin, HOUR_MS), calls: null },
    { name: 'by model', url: usageUrl(bench, DAYS, '&group_by=model'), calls },
    { name: 'by team', url: usageUrl(bench, DAYS, '&group_by=team_id'), calls },
    { name: 'by user, the largest 8', url: usageUrl(bench, DAYS, '&group_by=user_id&limit=8'), calls },
    { name: 'last 24 hours by hour', url: usageUrl(bench, 1, '&window=1h'), calls: rowsPerDay },
    { name: 'today', url: `${api}/today?org_id=org_demo`, calls: null },
  ]
}

/** What no page asks: a list for programs. */
function everyUser(bench: Bench, rowsPerDay: number): Question {
  return {
    name: 'list of all 2,000 users over 30 days',
    url: usageUrl(bench, DAYS, '&group_by=user_id'),
    calls: rowsPerDay * DAYS,
  }
}

/** Whole days until the end of today, both ends so many milliseconds earlier. */
function usageUrl(bench: Bench, days: number, more: string, earlierMs = 0): string {
  const endMs = (today() + 1) * DAY_MS - earlierMs
  const [from, to] = [endMs - days * DAY_MS, endMs].map((ms) => new Date(ms).toISOString())
  return `http://127.0.0.1:${bench.apiPort}/v1/usage?org_id=org_demo&from=${from}&to=${to}${more}`
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
