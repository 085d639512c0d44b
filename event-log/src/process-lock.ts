import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { lookUp, ownIdentity, type ProcessIdentity } from './process-identity.ts'

/**
 * A lock between processes that survives kill -9 of its holder and never takes anything from a live one.
 *
 * The lock is a folder. Whoever wants it puts a claim with a name of its own into the folder and then lists it: it has
 * the lock if no other live claim is there. Of two that come together at least one sees the other and steps back, so
 * two never hold it; claims of dead processes may be deleted by anyone, because a claim's name is never used again.
 * (A single lock file can't be taken over safely: between reading and replacing it, it may have become another's.)
 *
 * Claim: `<uuid>.claim`, JSON of ProcessIdentity. `<uuid>.held` beside it says that this claim has won.
 */
export interface ProcessLock {
  /** The folder. */
  readonly path: string
  /** Can be called twice. */
  release(): Promise<void>
}

export interface ProcessLockOptions {
  /** How long to try while another live process holds the lock, in milliseconds; default 0: fail at once. */
  readonly waitMs?: number
}

export class ProcessLockHeldError extends Error {
  override readonly name = 'ProcessLockHeldError'
  readonly pid: number
  readonly file: string
  constructor(pid: number, file: string, message: string) {
    super(message)
    this.pid = pid
    this.file = file
  }
}

const CLAIM = '.claim'
const HELD = '.held'
/** Only for holders whose pid can't be looked up from here (another container or machine): silence means death. */
export const HEARTBEAT_MS = 5_000
const SILENT_MS = 30_000
/** How long contenders that keep meeting each other step back and try again before they give up. */
const CONTENTION_MS = 5_000

interface Claim {
  readonly file: string
  readonly holder: ProcessIdentity
  readonly held: boolean
}

/** @throws ProcessLockHeldError naming the pid and the file when a live process holds the lock */
export async function acquireProcessLock(path: string, options: ProcessLockOptions = {}): Promise<ProcessLock> {
  const waitMs = options.waitMs ?? 0
  const self = ownIdentity()
  const start = performance.now()
  await mkdir(path, { recursive: true })
  for (;;) {
    const result = await tryOnce(path, self)
    if ('lock' in result) return result.lock
    const limitMs = result.rival.held ? waitMs : Math.max(waitMs, CONTENTION_MS)
    if (performance.now() - start >= limitMs) throw heldError(result.rival)
    await pause(5 + Math.random() * 45)
  }
}

/** Whether a live process holds the lock or is about to; what dead ones left behind is deleted on the way. */
export async function anyLiveClaim(path: string, self: ProcessIdentity): Promise<boolean> {
  return (await liveClaims(path, self, '')).length > 0
}

export function isClaim(name: string): boolean {
  return name.endsWith(CLAIM)
}

async function tryOnce(path: string, self: ProcessIdentity): Promise<{ lock: ProcessLock } | { rival: Claim }> {
  // A rival seen before claiming saves the claim; it must be seen again after claiming all the same.
  const early = (await liveClaims(path, self, '')).find((claim) => claim.held)
  if (early !== undefined) return { rival: early }
  const name = randomUUID()
  try {
    await writeClaim(path, name, self)
    const rivals = await liveClaims(path, self, name)
    const rival = rivals.find((claim) => claim.held) ?? rivals[0]
    if (rival !== undefined) {
      await rm(join(path, name + CLAIM), { force: true })
      return { rival }
    }
    await writeFile(join(path, name + HELD), '')
    return { lock: heldLock(path, name) }
  } catch (error) {
    // A claim that stays would be one of a live process for as long as this one lives.
    await removeClaim(path, name)
    throw error
  }
}

async function removeClaim(path: string, name: string): Promise<void> {
  await rm(join(path, name + CLAIM), { force: true })
  await rm(join(path, name + HELD), { force: true })
}

/** Written aside and renamed, so that nobody reads half a claim. */
async function writeClaim(path: string, name: string, self: ProcessIdentity): Promise<void> {
  const temporary = join(path, `${name}.tmp`)
  try {
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(JSON.stringify(self))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, join(path, name + CLAIM))
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

function heldLock(path: string, name: string): ProcessLock {
  const claimFile = join(path, name + CLAIM)
  const heartbeat = setInterval(() => {
    const now = new Date()
    utimes(claimFile, now, now).catch(() => undefined)
  }, HEARTBEAT_MS)
  heartbeat.unref()
  return {
    path,
    release: async () => {
      clearInterval(heartbeat)
      await removeClaim(path, name)
    },
  }
}

/** The claims of live processes but our own; what dead ones left behind is deleted on the way. */
async function liveClaims(path: string, self: ProcessIdentity, ownName: string): Promise<Claim[]> {
  const names = await readdir(path)
  const present = new Set(names)
  const live: Claim[] = []
  for (const name of names) {
    if (name.endsWith(HELD) && !present.has(name.replace(HELD, CLAIM))) await removeOrphan(path, name)
    if (name.endsWith('.tmp')) await removeOldTemporary(join(path, name))
    if (!isClaim(name) || name === ownName + CLAIM) continue
    const file = join(path, name)
    const holder = await readClaim(file)
    if (holder === 'gone') continue
    if (await isAlive(file, holder, self)) {
      live.push({ file, holder: holder ?? unreadable, held: present.has(name.replace(CLAIM, HELD)) })
    } else {
      await rm(file, { force: true })
      await rm(join(path, name.replace(CLAIM, HELD)), { force: true })
    }
  }
  return live
}

const unreadable: ProcessIdentity = { pid: 0, startedAt: '', bootId: '', pidNamespace: '', host: '' }

async function removeOrphan(path: string, heldName: string): Promise<void> {
  // The claim may have been created after the folder was listed; only a mark that is still alone is left-over.
  const claim = await readClaim(join(path, heldName.replace(HELD, CLAIM)))
  if (claim === 'gone') await rm(join(path, heldName), { force: true })
}

async function removeOldTemporary(file: string): Promise<void> {
  if ((await ageMs(file)) > SILENT_MS) await rm(file, { force: true })
}

async function readClaim(file: string): Promise<ProcessIdentity | null | 'gone'> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'gone'
    throw error
  }
  return parseIdentity(text)
}

export function parseIdentity(text: string): ProcessIdentity | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return null
    const { pid, startedAt, bootId, pidNamespace, host } = value as Partial<Record<keyof ProcessIdentity, unknown>>
    if (typeof pid !== 'number' || typeof startedAt !== 'string' || typeof bootId !== 'string') return null
    if (typeof pidNamespace !== 'string' || typeof host !== 'string') return null
    return { pid, startedAt, bootId, pidNamespace, host }
  } catch {
    return null
  }
}

/** Of a process that can't be looked up from here only its file tells: one that was touched lately is of a live one. */
export async function isAlive(file: string, holder: ProcessIdentity | null, self: ProcessIdentity): Promise<boolean> {
  const found = holder === null ? 'unknown' : lookUp(holder, self)
  if (found !== 'unknown') return found === 'alive'
  return (await ageMs(file)) <= SILENT_MS
}

/** Milliseconds since the file was touched; Infinity when it is gone. */
async function ageMs(file: string): Promise<number> {
  try {
    return Date.now() - (await stat(file)).mtimeMs
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

function heldError(rival: Claim): ProcessLockHeldError {
  const { pid, host } = rival.holder
  return new ProcessLockHeldError(
    pid,
    rival.file,
    `Acquire lock: process ${pid} on ${host} holds ${rival.file}; stop that process first, the lock goes with it`,
  )
}
