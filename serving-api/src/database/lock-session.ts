/**
 * One session of PostgreSQL that holds a lock between the processes of an installation: shared by many, or by one alone.
 * The lock belongs to the session, so it is gone when the process is, whatever ended it, and stays with a process that is
 * merely stopped. Who waits alone keeps new shares waiting. A server that does not answer in time loses the session.
 *
 * States: alive -> lost, once. A lost session holds nothing any more and every call on it fails.
 */
import type pg from 'pg'
import { toDatabaseError } from './database.ts'

export interface LockSession {
  /** Resolves when the share is held; waits for whoever has or wants the lock alone. @throws DatabaseError */
  share(): Promise<void>
  unshare(): Promise<void>
  /** Resolves when nobody else holds it. @throws DatabaseError, also when that took longer than `withinMs` */
  lock(withinMs: number): Promise<void>
  unlock(): Promise<void>
  /** True when another session waits for the lock; false as well while another call of this one waits. @throws DatabaseError */
  isWanted(): Promise<boolean>
  isLost(): boolean
  close(): Promise<void>
}

/** First key of our locks: "ecom". */
const NAMESPACE = 0x65636f6d
const CONNECT_TIMEOUT_MS = 5_000
const ANSWER_WITHIN_MS = 5_000
const SHARE_TURN_MS = 10_000
const LOCK_NOT_AVAILABLE = '55P03'

const WANTED = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid = $1 AND objid = $2
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1`

/** @param number which of our locks. @throws DatabaseError when the server doesn't answer */
export async function openLockSession(url: string, number: number): Promise<LockSession> {
  const { default: driver } = await import('pg')
  const client = new driver.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'ecomind lock',
  })
  let lost = false
  const lose = (): void => {
    lost = true
  }
  client.on('error', lose)
  client.on('end', lose)
  const close = async (): Promise<void> => {
    lose()
    await client.end().catch(() => undefined)
  }
  /** Calls of this session wait for each other, so only the one under way says whether the server answers. */
  let underWay = 0
  const run = async (
    text: string,
    values: readonly unknown[] = [NAMESPACE, number],
    withinMs = ANSWER_WITHIN_MS,
  ): Promise<pg.QueryResult> => {
    // A server that is gone without a word: its end of the connection would never tell.
    const silent = setTimeout(() => void close(), withinMs)
    underWay += 1
    try {
      return await client.query(text, [...values])
    } catch (cause) {
      throw toDatabaseError(cause)
    } finally {
      clearTimeout(silent)
      underWay -= 1
    }
  }
  const call = (name: string, withinMs?: number) => run(`SELECT ${name}($1, $2)`, [NAMESPACE, number], withinMs)
  const wait = async (name: string, withinMs: number): Promise<void> => {
    await run(`SET lock_timeout = ${Math.round(withinMs)}`, [])
    try {
      await call(name, withinMs + ANSWER_WITHIN_MS)
    } finally {
      await run('SET lock_timeout = 0', [])
    }
  }
  /** In turns: one question that waits for hours can't be told from a server that is gone. */
  const share = async (): Promise<void> => {
    for (;;) {
      try {
        return await wait('pg_advisory_lock_shared', SHARE_TURN_MS)
      } catch (error) {
        if (toDatabaseError(error).sqlState !== LOCK_NOT_AVAILABLE) throw error
      }
    }
  }
  await client.connect().catch(async (cause: unknown) => {
    await close()
    throw toDatabaseError(cause)
  })
  return {
    share,
    unshare: async () => void (await call('pg_advisory_unlock_shared')),
    lock: (withinMs) => wait('pg_advisory_lock', withinMs),
    unlock: async () => void (await call('pg_advisory_unlock')),
    isWanted: async () => {
      // A call of ours waits for others: this one would stand behind it and be taken for silence.
      if (underWay > 0) return false
      const { rows } = await run(WANTED)
      return rows.length > 0
    },
    isLost: () => lost,
    close,
  }
}
