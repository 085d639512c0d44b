/**
 * A disk whose power can be cut: an ext4 file system in a file, mounted for itself. `cut` is ext4's own order for such
 * tests (EXT4_IOC_SHUTDOWN without a flush of the journal): from that moment nothing reaches the disk any more, every
 * write is an error, and what programs had written without a flush is lost for good. Needs Linux, the right to mount,
 * mkfs.ext4 and Perl, which every Debian has. Not simulated: a drive that loses its own cache although it was told to
 * flush.
 */
import { execFile } from 'node:child_process'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { filesOf, isGone } from './files-of.ts'
import type { Random } from './random.ts'
import { waitFor } from './wait-for.ts'

const run = promisify(execFile)
/** _IOR('X', 125, __u32), and the flag "no flush of the journal". Node has no ioctl. */
const CUT = 'open(my $d, "<", $ARGV[0]) or die $!; my $flag = pack("L", 2); ioctl($d, 0x8004587d, $flag) or die $!'

export interface PowerSupply {
  /** Folder on the disk; empty at first. */
  readonly dir: string
  cut(): Promise<void>
  /** Mounts the disk anew, as a machine that comes up does. Every process that used it must be dead. */
  restore(): Promise<void>
  dispose(): Promise<void>
}

/**
 * `root` is an empty folder; it is removed by `dispose`.
 * @throws Error when the disk can't be made, with what the system said
 */
export async function openPowerSupply(root: string, megabytes: number): Promise<PowerSupply> {
  const image = join(root, 'disk.img')
  const mountPoint = join(root, 'disk')
  // In memory, where a flush costs nothing: what counts is which writes have left the file system, not where to.
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes + 1}m`, 'tmpfs', root])
  await mkdir(mountPoint)
  const file = await open(image, 'w')
  await file.truncate(megabytes * 2 ** 20)
  await file.close()
  await run('mkfs.ext4', ['-q', '-F', '-E', 'lazy_itable_init=1,lazy_journal_init=1', image])
  // Without ext4's kindness to programs that write a file anew and forget to flush it.
  const mount = () => run('mount', ['-o', 'loop,noauto_da_alloc', image, mountPoint])
  // A killed process may need a moment until its files are closed.
  const unmount = (path: string) =>
    waitFor(`${path} to be unmounted`, async () => (await run('umount', [path])) !== null)
  await mount()
  const dir = join(mountPoint, 'data')
  await mkdir(dir)
  await flushFile(mountPoint)
  return {
    dir,
    cut: async () => {
      await run('perl', ['-e', CUT, mountPoint])
    },
    restore: async () => {
      await unmount(mountPoint)
      await mount()
    },
    dispose: async () => {
      await unmount(mountPoint)
      await unmount(root)
      await rm(root, { recursive: true, force: true })
    },
  }
}

/**
 * Flushes some of the files, as the system does by itself at any time and in any order: after a cut some are there that
 * are younger than others that are not.
 */
export async function flushSome(dir: string, random: Random, files: number): Promise<void> {
  const paths = random.shuffled(await filesOf(dir))
  for (const path of paths.slice(0, files)) await flushFile(path).catch(unlessGone)
}

async function flushFile(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

function unlessGone(error: unknown): void {
  if (!isGone(error)) throw error
}
