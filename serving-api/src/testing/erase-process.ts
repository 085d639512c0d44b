/**
 * A process that erases a person and may die on the way: `<folder> <mode> <nth passage of a fault point to be killed at,
 * 0: none>`. Events of the person come in meanwhile. Exits with 0 when the erasure is done.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { insertUsageRows, type WhileLoadingPaused } from '@ecomind/clickhouse'
import { openDatabase } from '../database/open-database.ts'
import type { Erasure } from '../privacy/erasure.ts'
import { listErasures } from '../privacy/erasure-store.ts'
import { erasureOf, fillPrivacyWorld, openErasures, PERSON, privacyRows } from './privacy-world.ts'
import { ORG_ID, openWorldDatabase } from './recomputation-world.ts'

const [dir = '', mode = 'delete', killAt = '0'] = process.argv.slice(2)

const ch = await openWorldDatabase(dir)
const database = await openDatabase({ kind: 'pglite', folder: join(dir, 'control') })
const known = await listErasures(database, ORG_ID, { before: undefined, limit: 1 })
if (known.length === 0) await fillPrivacyWorld(ch, 5, 1500)

/** Events that come in the middle: once the erasure is open, and before anything else of a life that finds it open. */
const loaded = join(dir, 'late-is-loaded')
let pauses = 0
async function loadLate(): Promise<void> {
  pauses += 1
  if (existsSync(loaded) || (known.length === 0 && pauses < 2)) return
  const late = privacyRows(901, 200).map((row) => ({ ...row, user_id: PERSON }))
  await insertUsageRows(ch, late, 'late')
  // Nothing can be killed before this: the erasure waits for its pause.
  writeFileSync(loaded, '')
}

const whileLoadingPaused: WhileLoadingPaused = async (work) => {
  await loadLate()
  return await work()
}

let passages = 0
const erasures = await openErasures(ch, database, {
  whileLoadingPaused,
  faultPoint: () => {
    passages += 1
    if (passages === Number(killAt)) process.kill(process.pid, 'SIGKILL')
  },
})
if (known.length === 0) await erasures.request(erasureOf(mode as Erasure['mode']))
await erasures.idle()
const [last] = await listErasures(database, ORG_ID, { before: undefined, limit: 1 })
await ch.close()
await database.close()
process.exit(last?.state === 'done' ? 0 : 3)
