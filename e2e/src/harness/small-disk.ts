/** A file system of a few megabytes in memory, to be filled up. Needs Linux and the right to mount. */
import { execFile } from 'node:child_process'
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface SmallDisk {
  /** Takes away the room there is but for `leftBytes`. */
  fill(leftBytes: number): Promise<void>
  /** Gives it back. */
  free(): Promise<void>
  unmount(): Promise<void>
}

/** True where this process may mount; elsewhere tests that need it say so and are skipped. */
export function mayMount(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0
}

export async function mountSmallDisk(dir: string, megabytes: number): Promise<SmallDisk> {
  await mkdir(dir, { recursive: true })
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', dir])
  const ballast = join(dir, 'ballast')
  return {
    fill: async (leftBytes) => {
      const { bavail, bsize } = await statfs(dir)
      // The database writes meanwhile; when it was faster, the disk is as full as can be.
      await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - leftBytes), 1)).catch(unlessFull)
    },
    free: () => rm(ballast, { force: true }),
    // Lazily: a killed process may need a moment until its files are closed.
    unmount: async () => {
      await run('umount', ['-l', dir])
    },
  }
}

function unlessFull(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
}
