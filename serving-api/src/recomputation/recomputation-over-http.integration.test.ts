/** A recomputation on a ClickHouse server, and on a cluster of one shard, makes the rows that the engine in process makes. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouse, compareRollups, migrate, openClickHouse } from '@ecomind/clickhouse'
import { startFrontProcess } from '@ecomind/clickhouse/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  insertUsage,
  ORG_ID,
  openRuns,
  openWorldDatabase,
  rollupRows,
  startRequest,
} from '../testing/recomputation-world.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-recomputation-http-'))
})
afterEach(async () => await rm(dir, { recursive: true, force: true }))

/** The rows of every rollup when it is done, and when it was taken back again. */
async function recompute(ch: ClickHouse): Promise<{ done: readonly string[]; takenBack: readonly string[] }> {
  await insertUsage(ch, 7, 1500)
  const { runs } = await openRuns(ch)
  const { id } = await runs.start(startRequest())
  await runs.idle()
  expect(runs.list(ORG_ID)).toMatchObject([{ state: 'done', error: null }])
  const done = await rollupRows(ch, '1 = 1')
  expect(await compareRollups(ch)).toEqual([])
  await runs.takeBack(ORG_ID, id)
  await runs.idle()
  const takenBack = await rollupRows(ch, '1 = 1')
  await runs.stop()
  return { done, takenBack }
}

async function onServer(name: string, cluster?: string) {
  const folder = join(dir, name)
  const front = await startFrontProcess(join(folder, 'data'), join(folder, 'spool'), cluster)
  const target = { kind: 'http', url: front.url, ...(cluster === undefined ? {} : { cluster }) } as const
  const ch = await openClickHouse(target, { role: 'upkeep' })
  try {
    await migrate(ch)
    return await recompute(ch)
  } finally {
    await ch.close()
    await front.close()
  }
}

test('a recomputation over HTTP ends with the rows of one in process, on a server and on a cluster', async () => {
  const inProcess = await openWorldDatabase(join(dir, 'in-process'))
  const wanted = await recompute(inProcess)
  await inProcess.close()
  expect(wanted.done.length).toBeGreaterThan(wanted.takenBack.length)
  expect(await onServer('server')).toEqual(wanted)
  expect(await onServer('cluster', 'main')).toEqual(wanted)
})
