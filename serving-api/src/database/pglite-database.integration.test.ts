import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { databaseContract } from './database.contract.ts'
import { openDatabase } from './open-database.ts'

const root = mkdtempSync(join(tmpdir(), 'ecomind-control-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

databaseContract('PGlite', () => openDatabase({ kind: 'pglite', folder: join(root, 'contract') }))

describe('PGlite on disk', () => {
  test('a folder has one owner, and is free again after it closed', async () => {
    const target = { kind: 'pglite', folder: join(root, 'owned') } as const
    const first = await openDatabase(target)
    await expect(openDatabase(target)).rejects.toThrow(/open the control store in/)
    await first.query("INSERT INTO ecomind.factor_override_counters VALUES ('o', 7)")
    await first.close()
    const second = await openDatabase(target)
    expect(await second.query('SELECT revision FROM ecomind.factor_override_counters')).toEqual([{ revision: 7 }])
    await second.close()
  })

  test('every acknowledged transaction is there after kill -9, and none is half there', async () => {
    const folder = join(root, 'killed')
    const script = fileURLToPath(new URL('./test-processes/count-up.ts', import.meta.url))
    let acknowledged = 0
    for (const upTo of [10, 25]) {
      const child = fork(script, [folder], { execArgv: ['--import', 'tsx'] })
      child.on('message', (n) => {
        acknowledged = Number(n)
        if (acknowledged >= upTo) child.kill('SIGKILL')
      })
      await once(child, 'exit')
      const database = await openDatabase({ kind: 'pglite', folder })
      const rows = await database.query<{ org_id: string; revision: number }>(
        "SELECT org_id, revision FROM ecomind.factor_override_counters WHERE org_id IN ('a', 'b') ORDER BY org_id",
      )
      await database.close()
      const [a, b] = rows
      expect(a?.revision).toBe(b?.revision)
      expect(a?.revision).toBeGreaterThanOrEqual(acknowledged)
      expect(acknowledged).toBeGreaterThanOrEqual(upTo)
    }
  })
})
