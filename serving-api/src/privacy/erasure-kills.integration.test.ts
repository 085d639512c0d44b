import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compareRollups } from '@ecomind/clickhouse'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { OTHERS, PERSON, placesOf, privacyRows, rowsOf, sumsWithoutPeople } from '../testing/privacy-world.ts'
import { ORG_ID, openWorldDatabase } from '../testing/recomputation-world.ts'

const PROCESS = fileURLToPath(new URL('../testing/erase-process.ts', import.meta.url))
/** Passages of fault points, one death each; the rest of an erasure has fewer of them after each. */
const DEATHS = [1, 2, 4, 6, 5]

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-erasure-kills-'))
})
afterEach(async () => await rm(dir, { recursive: true, force: true }))

async function erase(folder: string, mode: string, killAt: number) {
  const args = ['--import', 'tsx', PROCESS, folder, mode, String(killAt)]
  const child = spawn(process.execPath, args, { stdio: 'inherit' })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  return { code, signal }
}

async function stateOf(folder: string) {
  const ch = await openWorldDatabase(folder)
  try {
    return {
      sums: await sumsWithoutPeople(ch, ORG_ID),
      others: await Promise.all(OTHERS.map((org) => rowsOf(ch, org))),
      differences: await compareRollups(ch),
      places: await placesOf(ch, PERSON, [ORG_ID]),
      calls: await ch.query<{ n: string }>({
        text: `SELECT toString(sum(calls)) AS n FROM ecomind.usage_1d WHERE org_id = '${ORG_ID}' AND generation = 0`,
      }),
    }
  } finally {
    await ch.close()
  }
}

test.each(['pseudonymise', 'delete'])(
  'killed again and again, %s ends with the sums of one that was not',
  async (mode) => {
    const [killed, whole] = [join(dir, 'killed'), join(dir, 'whole')]
    for (const killAt of DEATHS) expect(await erase(killed, mode, killAt)).toEqual({ code: null, signal: 'SIGKILL' })
    expect(await erase(killed, mode, 0)).toEqual({ code: 0, signal: null })
    expect(await erase(whole, mode, 0)).toEqual({ code: 0, signal: null })
    const wanted = await stateOf(whole)
    expect(wanted.differences).toEqual([])
    expect(wanted.places).toEqual([])
    const rows = [...privacyRows(5, 1500), ...privacyRows(901, 200)].filter((row) => row.org_id === ORG_ID)
    expect(wanted.calls).toEqual([{ n: String(rows.length) }])
    expect(await stateOf(killed)).toEqual(wanted)
  },
  1_200_000,
)
