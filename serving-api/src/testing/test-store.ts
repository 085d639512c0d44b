/**
 * The control store of one test, new, and gone once it is closed. ECOMIND_TEST_STORE says where: `pglite` (default), in a
 * temporary folder; `postgres`, in a database of its own on the server of ECOMIND_TEST_DATABASE_URL.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '../database/database.ts'
import { type DatabaseTarget, openDatabase } from '../database/open-database.ts'
import { createTestDatabase } from './test-database.ts'

export async function openTestStore(): Promise<Database> {
  const { target, remove } = await place(process.env['ECOMIND_TEST_STORE'] ?? 'pglite')
  const database = await openDatabase(target)
  return {
    ...database,
    close: async () => {
      await database.close()
      await remove()
    },
  }
}

async function place(kind: string): Promise<{ readonly target: DatabaseTarget; remove(): Promise<void> }> {
  if (kind === 'postgres') {
    const { url, drop } = await createTestDatabase()
    return { target: { kind, url }, remove: drop }
  }
  if (kind !== 'pglite') throw new RangeError(`ECOMIND_TEST_STORE: ${kind} is neither pglite nor postgres`)
  const root = await mkdtemp(join(tmpdir(), 'ecomind-control-'))
  return {
    target: { kind, folder: join(root, 'control') },
    remove: () => rm(root, { recursive: true, force: true }),
  }
}
