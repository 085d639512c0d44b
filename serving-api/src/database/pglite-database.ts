/**
 * PostgreSQL in this process (PGlite). A lock file keeps a second process out, because PGlite doesn't and two would
 * destroy the folder. One connection: statements run one after the other.
 */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { acquireProcessLock } from '@ecomind/event-log'
import { PGlite, type Transaction, types } from '@electric-sql/pglite'
import { createCluster } from './create-cluster.ts'
import { type Database, DatabaseError, type DatabaseValue, type Queries, toDatabaseError } from './database.ts'
import { parseInt8 } from './int8.ts'
import { LastWorks } from './last-works.ts'
import { folderFlusher } from './sync-folder.ts'

/** Pages kept in memory: a control store fits, and the default of 128 MB would be most of the product's memory. */
const MEMORY = ['-c', 'shared_buffers=4MB', '-c', 'wal_buffers=256kB']

/** @throws DatabaseError when another process has the folder or it can't be opened */
export async function openPglite(folder: string): Promise<Database> {
  mkdirSync(dirname(folder), { recursive: true })
  const lock = await acquireProcessLock(`${folder}.lock`).catch((cause: unknown) => {
    throw openError(folder, cause)
  })
  try {
    await createCluster(folder)
    const pglite = await PGlite.create({
      dataDir: folder,
      relaxedDurability: false,
      startParams: [...PGlite.defaultStartParams, ...MEMORY],
      parsers: { [types.INT8]: parseInt8 },
    })
    return pgliteDatabase(pglite, folderFlusher(folder), () => lock.release())
  } catch (cause) {
    await lock.release()
    throw openError(folder, cause)
  }
}

function openError(folder: string, cause: unknown): DatabaseError {
  const words = cause instanceof Error ? cause.message : String(cause)
  return new DatabaseError(`open the control store in ${folder}: ${words}`, null, { cause })
}

function pgliteDatabase(pglite: PGlite, flush: () => Promise<void>, release: () => Promise<void>): Database {
  let closed: Promise<void> | undefined
  const close = async (): Promise<void> => {
    try {
      await pglite.close()
      await flush()
    } finally {
      await release()
    }
  }
  const transaction: Database['transaction'] = async (work) => {
    let thrown: { readonly error: unknown } | undefined
    try {
      const result = await pglite.transaction(async (tx) => {
        const last = new LastWorks()
        const queries = { ...statementsOf(tx), lastly: last.lastly }
        try {
          const done = await work(queries)
          await last.run(queries)
          return done
        } catch (error) {
          thrown = { error }
          throw error
        }
      })
      await flush()
      return result
    } catch (error) {
      throw thrown === undefined ? toDatabaseError(error) : thrown.error
    }
  }
  return {
    kind: 'pglite',
    ...statementsOf(pglite),
    lastly: (_name, work) => transaction(work),
    transaction,
    close: () => {
      closed ??= close()
      return closed
    },
  }
}

function statementsOf(on: Pick<PGlite | Transaction, 'query' | 'exec'>): Omit<Queries, 'lastly'> {
  return {
    query: async <Row>(text: string, values: readonly DatabaseValue[] = []) => {
      try {
        return (await on.query<Row>(text, [...values])).rows
      } catch (cause) {
        throw toDatabaseError(cause)
      }
    },
    script: async (text) => {
      try {
        await on.exec(text)
      } catch (cause) {
        throw toDatabaseError(cause)
      }
    },
  }
}
