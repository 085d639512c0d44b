/** kill -9 of a process in the middle of inserts, again and again; then the same batches under the same tokens. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compareRollups } from './compare-rollups.ts'
import { randomFrom, sampleRows } from './test-support/sample-rows.ts'
import { readTotals, type TempClickHouse, tempClickHouse } from './test-support/temp-clickhouse.ts'

const SCRIPT = fileURLToPath(new URL('./test-processes/insert-batches.ts', import.meta.url))
const SEED = Number(process.env['ECOMIND_TEST_SEED'] ?? 20_261_123)
const KILLS = Number(process.env['ECOMIND_TEST_KILLS'] ?? 8)
const ROWS = 4000
const BATCHES = 40

let temp: TempClickHouse
beforeEach(async () => {
  temp = await tempClickHouse()
})
afterEach(async () => await temp.remove())

interface Run {
  /** Batches whose insert was acknowledged. */
  readonly stored: number
  readonly killed: boolean
}

/** Runs from `first` on; kills `killAfterMs` after the batch `killAt` has begun. */
async function run(first: number, killAt: number, killAfterMs: number): Promise<Run> {
  const args = [temp.target.dataDir, temp.target.spoolDir, first, BATCHES - first, ROWS, SEED].map(String)
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  let stored = 0
  let text = ''
  for await (const chunk of child.stdout) {
    text += String(chunk)
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const line = text.slice(0, end)
      text = text.slice(end + 1)
      if (line === `start ${killAt}`) setTimeout(() => child.kill('SIGKILL'), killAfterMs)
      if (line.startsWith('stored ')) stored += 1
    }
  }
  const [, signal] = (await ended) as [number | null, NodeJS.Signals | null]
  return { stored, killed: signal === 'SIGKILL' }
}

test(`raw and every rollup hold each batch once after ${KILLS} kills in the middle of inserts (seed ${SEED})`, async () => {
  const random = randomFrom(SEED)
  let next = 0
  let kills = 0
  while (next < BATCHES && kills < KILLS) {
    const killAt = Math.min(BATCHES - 1, next + Math.floor(random() * 4))
    const { stored, killed } = await run(next, killAt, random() * 120)
    next += stored
    if (killed) kills += 1
  }
  const last = await run(next, -1, 0)
  expect(next + last.stored).toBe(BATCHES)
  expect(kills).toBeGreaterThan(0)

  const ch = await temp.open('loader')
  const oracle = Array.from({ length: BATCHES }, (_, batch) =>
    sampleRows({
      seed: SEED,
      count: ROWS,
      firstOffset: batch * ROWS,
      aroundMs: Date.UTC(2026, 9, 1),
      spreadMs: 20 * 86_400_000,
    }),
  ).flat()
  const totals = await readTotals(ch)
  for (const [table, sums] of Object.entries(totals)) {
    expect({ table, calls: sums.calls, tokens_in: sums.tokens_in }).toEqual({
      table,
      calls: String(oracle.length),
      tokens_in: String(oracle.reduce((sum, row) => sum + row.tokens_in, 0)),
    })
  }
  const [ids] = await ch.query({ text: 'SELECT toString(uniqExact(event_id)) AS n FROM ecomind.usage_events' })
  expect(ids).toEqual({ n: String(oracle.length) })
  expect(await compareRollups(ch)).toEqual([])
}, 1_800_000)
