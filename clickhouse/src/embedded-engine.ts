/**
 * The in-process engine (chdb) of one data directory: opened once a process, shared by the connections of all roles,
 * closed with the last of them. A lock file keeps a second process out, because chdb itself doesn't.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { acquireProcessLock, type ProcessLock } from '@ecomind/event-log'
import { drainPending, Session } from 'chdb'
import { ClickHouseError } from './clickhouse.ts'
import { writeEngineConfig } from './engine-config.ts'

export interface EmbeddedEngine {
  readonly path: string
  readonly spoolDir: string
  /** Of this opening of the engine: proves to the views of analysts that a session's mark is ours. */
  readonly secret: string
  /** Frees this user's share; the last one closes the engine and the lock. */
  release(): Promise<void>
}

interface OpenEngine {
  readonly lock: ProcessLock
  readonly secret: string
  /** Holds the engine open while roles drop and reopen their own connections. */
  readonly anchor: Session
}

/** Opened or being opened; entries go when the last user leaves. */
const engines = new Map<string, { opening: Promise<OpenEngine>; users: number }>()

/** @throws ClickHouseError when another process has the directory or the engine can't open it */
export async function acquireEngine(dataDir: string, spoolDir: string): Promise<EmbeddedEngine> {
  const path = resolve(dataDir)
  const spool = resolve(spoolDir)
  const entry = engines.get(path) ?? { opening: openWhenClosed(path, spool), users: 0 }
  entry.users += 1
  engines.set(path, entry)
  const leave = async (): Promise<void> => {
    entry.users -= 1
    if (entry.users > 0) return
    engines.delete(path)
    const closed = entry.opening.then(closeEngine, () => undefined)
    closing.set(path, closed)
    await closed
    if (closing.get(path) === closed) closing.delete(path)
  }
  let opened: OpenEngine
  try {
    opened = await entry.opening
  } catch (cause) {
    await leave()
    throw cause
  }
  let released = false
  return {
    path,
    spoolDir: spool,
    secret: opened.secret,
    async release() {
      if (released) return
      released = true
      await leave()
    },
  }
}

/** Whoever opens again right after the last one left waits for the lock to be free. */
const closing = new Map<string, Promise<void>>()

async function openWhenClosed(path: string, spool: string): Promise<OpenEngine> {
  await closing.get(path)
  return await openEngine(path, spool)
}

async function openEngine(path: string, spool: string): Promise<OpenEngine> {
  let lock: ProcessLock | null = null
  try {
    mkdirSync(path, { recursive: true })
    mkdirSync(spool, { recursive: true })
    lock = await acquireProcessLock(`${path}.lock`)
    removeStaleSpoolFiles(spool)
    const anchor = new Session(path, { connectionArgs: writeEngineConfig(join(spool, 'engine')) })
    return { lock, secret: randomBytes(32).toString('hex'), anchor }
  } catch (cause) {
    await lock?.release()
    const words = cause instanceof Error ? cause.message : String(cause)
    throw new ClickHouseError(`open ClickHouse in ${path}: ${words}`, null, false, {
      cause,
    })
  }
}

async function closeEngine(engine: OpenEngine): Promise<void> {
  await drainPending()
  engine.anchor.close()
  await drainPending()
  await engine.lock.release()
}

/** Files of a process that was killed in the middle of an insert; under the lock nobody else can be writing one. */
function removeStaleSpoolFiles(spool: string): void {
  for (const name of readdirSync(spool)) {
    if (name.endsWith('.native')) rmSync(join(spool, name), { force: true })
  }
}
