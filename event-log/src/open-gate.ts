import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, futimes, openSync, readdirSync, writeSync } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ownIdentity, type ProcessIdentity } from './process-identity.ts'
import { acquireProcessLock, anyLiveClaim, HEARTBEAT_MS, isAlive, isClaim, parseIdentity } from './process-lock.ts'
import { readStateFile } from './state-file.ts'

/**
 * Nobody writes while somebody opens. LMDB as lmdb 3.5.6 ships it takes the number of the newest transaction from the data
 * file when it opens, and stores it as the number shared by all processes: a commit of another process in between is
 * forgotten, and the next one overwrites it (LMDB ITS#9496; measured here once in 17,600 openings beside a writer).
 *
 * Who opens takes `opening.lock`, puts `closed` into it and waits until no process is in a write; who writes says so first
 * and then looks for `closed`. Of two that come together at least one sees the other. What dead processes leave behind
 * counts for nothing: `closed` without a claim of a live process is open.
 *
 * `writers/<uuid>`: '1' in a write or '0', then the JSON of ProcessIdentity.
 */
export interface OpenGate {
  /** Runs the write when nobody opens; at once in nearly every case. */
  write<T>(work: () => Promise<T>): Promise<T>
  /** Runs the opening while no process writes. @throws Error when one has been in a write for `waitMs` */
  open<T>(work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

const CLAIMS = 'opening.lock'
const CLOSED = 'closed'
const WRITERS = 'writers'
const WRITING = Buffer.from('1')
const RESTING = Buffer.from('0')
const LOOK_FIRST_MS = 1
const LOOK_SLOWEST_MS = 16

export async function joinOpenGate(dir: string, waitMs: number): Promise<OpenGate> {
  const claims = join(dir, CLAIMS)
  const closed = join(claims, CLOSED)
  const writers = join(dir, WRITERS)
  await mkdir(claims, { recursive: true })
  await mkdir(writers, { recursive: true })
  const self = ownIdentity()
  const own = randomUUID()
  const file = await sayWhoWrites(join(writers, own), self)
  let writing = 0
  let over = false
  // A process of another container can't be looked up: its file must not look forgotten.
  const heartbeat = setInterval(() => futimes(file, new Date(), new Date(), () => undefined), HEARTBEAT_MS)
  heartbeat.unref()

  function begin(): void {
    if (over) throw new Error('the log is closed')
    if (writing === 0) writeSync(file, WRITING, 0, 1, 0)
    writing++
  }

  function end(): void {
    writing--
    if (writing === 0) sayResting()
  }

  /** Never throws: what was written is written. A mark that is left would keep others from opening, so it is tried again. */
  function sayResting(): void {
    try {
      writeSync(file, RESTING, 0, 1, 0)
    } catch {
      const again = setTimeout(() => writing === 0 && !over && sayResting(), HEARTBEAT_MS)
      again.unref()
    }
  }

  /** Takes no file handle when nobody opens: a process that has none left goes on writing. */
  function isOpen(): boolean {
    return !existsSync(closed) || !readdirSync(claims).some(isClaim)
  }

  async function untilOpen(): Promise<void> {
    for (let pauseMs = LOOK_FIRST_MS; existsSync(closed) && (await anyLiveClaim(claims, self)); ) {
      await pause(pauseMs)
      pauseMs = Math.min(pauseMs * 2, LOOK_SLOWEST_MS)
    }
  }

  return {
    write: async (work) => {
      for (;;) {
        begin()
        try {
          // Said first, looked for then: whoever comes to open after this look will see the write.
          if (isOpen()) return await work()
        } finally {
          end()
        }
        await untilOpen()
      }
    },
    open: async (work) => {
      const lock = await acquireProcessLock(claims, { waitMs })
      try {
        await writeFile(closed, '')
        await untilNobodyWrites(writers, self, waitMs)
        return await work()
      } finally {
        await rm(closed, { force: true }).finally(() => lock.release())
      }
    },
    close: async () => {
      over = true
      clearInterval(heartbeat)
      closeSync(file)
      await rm(join(writers, own), { force: true })
    },
  }
}

async function sayWhoWrites(path: string, self: ProcessIdentity): Promise<number> {
  const file = openSync(path, 'wx', 0o644)
  try {
    writeSync(file, `0${JSON.stringify(self)}`, 0)
    return file
  } catch (error) {
    closeSync(file)
    await rm(path, { force: true })
    throw error
  }
}

async function untilNobodyWrites(writers: string, self: ProcessIdentity, waitMs: number): Promise<void> {
  const start = performance.now()
  for (const name of await readdir(writers)) {
    for (let pauseMs = LOOK_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, LOOK_SLOWEST_MS)) {
      const pid = await livingWriter(join(writers, name), self)
      if (pid === null) break
      if (performance.now() - start > waitMs)
        throw new Error(
          `process ${pid} has been writing for ${waitMs} ms; continue it if it is stopped, or end it (if this folder is a copy, remove ${writers} from it)`,
        )
      await pause(pauseMs)
    }
  }
}

/** The process that is in a write by this file; null when there is none. */
async function livingWriter(file: string, self: ProcessIdentity): Promise<number | null> {
  const text = await readStateFile(file)
  if (text === null) return null
  const holder = parseIdentity(text.slice(1))
  if (!(await isAlive(file, holder, self))) {
    await rm(file, { force: true })
    return null
  }
  return text.startsWith('1') ? (holder?.pid ?? 0) : null
}
