import { access, type FileHandle, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Meta, newestMeta } from './data-file-meta.ts'
import { findDamage } from './data-file-pages.ts'
import { RESERVE_FILE } from './disk-reserve.ts'
import { LogUnavailableError } from './event-log.ts'

/**
 * Looks at LMDB's file before LMDB does. LMDB trusts its pages: on a file that was cut off or overwritten it ends the
 * process (SIGBUS, SIGSEGV) instead of reporting, so what would do that is told here, in words.
 * Not an fsck: values are checked by their CRC when they are read.
 */

/**
 * While another process writes, it may use pages again that belong to the state we are looking at, or be in the middle
 * of the meta page. So damage counts only when two looks at the same transaction find it.
 */
const TRIES_WHILE_WRITTEN = 50
const BETWEEN_LOOKS_MS = 20

/** @throws LogUnavailableError naming the file, what is wrong with it and what to do */
export async function checkDataFile(path: string): Promise<void> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return
    const reason = error instanceof Error ? error.message : String(error)
    throw new LogUnavailableError(`Open log: ${path} can't be read (${reason}); check its rights`, false, {
      cause: error,
    })
  }
  try {
    if ((await file.stat()).size === 0 && (await wasUsed(dirname(path)))) {
      throw damaged(path, 'it is empty, and a log was kept in this folder before')
    }
    let before = await look(file)
    for (let tries = 0; before.damage !== null && tries < TRIES_WHILE_WRITTEN; tries++) {
      await pause(BETWEEN_LOOKS_MS)
      const again = await look(file)
      if (again.damage !== null && again.meta?.transaction === before.meta?.transaction) {
        throw damaged(path, again.damage)
      }
      before = again
    }
  } finally {
    await file.close()
  }
}

/** A crash during creation leaves an empty file too, but the reserve is only put by once a log is open. */
async function wasUsed(dir: string): Promise<boolean> {
  return await access(join(dir, RESERVE_FILE)).then(
    () => true,
    () => false,
  )
}

async function look(file: FileHandle): Promise<{ meta: Meta | null; damage: string | null }> {
  const { size } = await file.stat()
  if (size === 0) return { meta: null, damage: null }
  const meta = newestMeta(file.fd, size)
  if (typeof meta === 'string') return { meta: null, damage: meta }
  // Pages are written before the meta page that leads to them: the size read after it covers them all.
  return { meta, damage: findDamage(file.fd, (await file.stat()).size, meta) }
}

function damaged(path: string, damage: string): LogUnavailableError {
  return new LogUnavailableError(
    `Open log: ${path} is damaged: ${damage}; restore its folder from a copy, or move the folder aside to start an empty log (events in it that were not loaded yet stay there)`,
    false,
  )
}
