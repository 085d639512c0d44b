/** Chooses the control store; the only place that does. Brings its tables up to date. */
import { chainEarlierEntries } from '../audit/chain-earlier-entries.ts'
import type { Database } from './database.ts'
import { migrateDatabase } from './migrate-database.ts'
import { openPglite } from './pglite-database.ts'
import { openPostgres } from './postgres-database.ts'

export type DatabaseTarget =
  | { readonly kind: 'pglite'; readonly folder: string }
  | { readonly kind: 'postgres'; readonly url: string }

/** @throws DatabaseError, DatabaseMigrationError */
export async function openDatabase(target: DatabaseTarget): Promise<Database> {
  const database = await connectDatabase(target)
  try {
    await migrateDatabase(database)
    await chainEarlierEntries(database)
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

/** As it is, for those who only look. @throws DatabaseError */
export async function connectDatabase(target: DatabaseTarget): Promise<Database> {
  return target.kind === 'postgres' ? await openPostgres(target.url) : await openPglite(target.folder)
}
