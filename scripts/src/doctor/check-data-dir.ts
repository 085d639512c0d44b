/** The folder that everything is written to: may we write there, is there room, is it on a local disk. */
import { randomUUID } from 'node:crypto'
import { access, constants, stat, statfs, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Finding, fault, ok, warning } from './finding.ts'

const GIB = 2 ** 30
/** Less than this and ClickHouse has no room for a merge. */
const FREE_FAULT_BYTES = GIB
const MODE_OTHERS = 0o077

/** `logBytesMax`: what the embedded log may grow to; less room than that and the log fills the disk first. */
export async function dataDirFindings(dir: string, logBytesMax: number): Promise<readonly Finding[]> {
  const there = await statOf(dir)
  if (there === null) {
    const parent = await nearest(dir)
    const trouble = await writeTrouble(parent, false)
    if (trouble !== null) return [cannotWrite(dir, `its parent ${parent} can't be written: ${trouble}`)]
    return [ok('data folder', `${dir} is made at the first start`), await spaceFinding(parent, logBytesMax)]
  }
  if (!there.isDirectory()) return [cannotWrite(dir, 'it is not a folder')]
  const trouble = await writeTrouble(dir, true)
  if (trouble !== null) return [cannotWrite(dir, trouble)]
  const open = (there.mode & MODE_OTHERS) !== 0
  const folder = open
    ? warning('data folder', `${dir} can be read by other users of this machine`, `chmod 700 ${dir}`)
    : ok('data folder', `${dir} can be written`)
  return [folder, await spaceFinding(dir, logBytesMax)]
}

function cannotWrite(dir: string, why: string): Finding {
  return fault('data folder', `${dir}: ${why}`, 'give the user that runs Ecomind this folder, or set ECOMIND_DATA_DIR')
}

async function spaceFinding(dir: string, logBytesMax: number): Promise<Finding> {
  const { bavail, bsize, blocks } = await statfs(dir)
  const free = bavail * bsize
  const said = `${gib(free)} GiB free of ${gib(blocks * bsize)} GiB`
  if (free < FREE_FAULT_BYTES) return fault('disk space', said, 'make room: inserts stop when the disk is full')
  if (free < logBytesMax) {
    const mend = `make room, or set ECOMIND_LOG_MAX_BYTES below it: the log may grow to ${gib(logBytesMax)} GiB when the loader is down`
    return warning('disk space', said, mend)
  }
  return ok('disk space', said)
}

const gib = (bytes: number): string => (bytes / GIB).toFixed(1)

/** Null when a file can be written; a real one is only made in our own folder. */
async function writeTrouble(dir: string, really: boolean): Promise<string | null> {
  try {
    await access(dir, constants.R_OK | constants.W_OK | constants.X_OK)
    if (!really) return null
    const file = join(dir, `.doctor-${randomUUID()}`)
    await writeFile(file, 'x', { flag: 'wx' })
    await unlink(file)
    return null
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message
  }
}

async function nearest(dir: string): Promise<string> {
  const parent = dirname(dir)
  return (await statOf(parent)) !== null || parent === dir ? parent : await nearest(parent)
}

async function statOf(path: string) {
  return await stat(path).catch(() => null)
}
