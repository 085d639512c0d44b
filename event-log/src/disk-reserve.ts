import { randomBytes } from 'node:crypto'
import { open, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Some space put by for the day the disk is full: LMDB needs a few new pages even to remove records. Given up, it lets
 * the log drop what is loaded already, whose pages then take new events, so a full disk heals without an operator.
 */
export interface DiskReserve {
  /** Puts the space by if it is not and the disk has plenty; never rejects. */
  fill(): Promise<void>
  /** False when there was nothing to give up. */
  giveUp(): Promise<boolean>
}

/** Its name in the log's folder. */
export const RESERVE_FILE = 'reserve'
const RESERVE_BYTES = 4 * 2 ** 20
/** The reserve isn't taken from a disk that has less than this free. */
const PLENTY_BYTES = 16 * RESERVE_BYTES

export function createDiskReserve(dir: string): DiskReserve {
  const path = join(dir, RESERVE_FILE)

  async function fill(): Promise<void> {
    const disk = await statfs(dir)
    if (disk.bavail * disk.bsize < PLENTY_BYTES) return
    // Opened for a new file only, so of two processes one writes it.
    const file = await open(path, 'wx')
    try {
      // Random, so that no file system stores it as nothing.
      await file.writeFile(randomBytes(RESERVE_BYTES))
    } finally {
      await file.close()
    }
  }

  async function exists(): Promise<boolean> {
    return stat(path).then(
      () => true,
      () => false,
    )
  }

  return {
    fill: async () => {
      if (await exists()) return
      // Without a reserve the log works as well; it is tried again later.
      await fill().catch(() => undefined)
    },
    giveUp: async () => {
      if (!(await exists())) return false
      await rm(path, { force: true })
      return true
    },
  }
}
