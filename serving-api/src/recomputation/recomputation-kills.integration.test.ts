import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compareRollups } from '@ecomind/clickhouse'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWorldDatabase, rollupRows } from '../testing/recomputation-world.ts'

const PROCESS = fileURLToPath(new URL('../testing/recompute-process.ts', import.meta.url))
/** Passages of fault points, one death each: 2 chunks of 4 rollups pass 20 of them when nobody dies. */
const DEATHS = [2, 2, 3, 4, 3, 6]

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-recomputation-kills-'))
})
afterEach(async () => await rm(dir, { recursive: true, force: true }))

async function recompute(folder: string, killAt: number): Promise<{ code: number | null; signal: string | null }> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROCESS, folder, String(killAt)], { stdio: 'inherit' })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  return { code, signal }
}

async function stateOf(folder: string) {
  const ch = await openWorldDatabase(folder)
  try {
    return { rows: await rollupRows(ch, '1 = 1'), differences: await compareRollups(ch) }
  } finally {
    await ch.close()
  }
}

test(`killed ${DEATHS.length} times while events are loaded, a recomputation ends with the rows of one that was not`, async () => {
  const [killed, whole] = [join(dir, 'killed'), join(dir, 'whole')]
  for (const killAt of DEATHS) expect(await recompute(killed, killAt)).toEqual({ code: null, signal: 'SIGKILL' })
  expect(await recompute(killed, 0)).toEqual({ code: 0, signal: null })
  expect(await recompute(whole, 0)).toEqual({ code: 0, signal: null })
  const wanted = await stateOf(whole)
  expect(wanted.differences).toEqual([])
  expect(wanted.rows.some((line) => line.includes(',1,-'))).toBe(true)
  expect(await stateOf(killed)).toEqual(wanted)
}, 1_200_000)
