import { writeSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { argv } from 'node:process'
import { acquireProcessLock } from '../process-lock.ts'

/**
 * `hold-lock.ts <path> hold`: takes the lock, prints "held" and stays.
 * `hold-lock.ts <path> contend <file> <rounds>`: takes and releases it again and again, and complains when it finds
 * somebody else inside.
 */
const [path = '', what = '', file = '', rounds = '0'] = argv.slice(2)

async function contend(): Promise<void> {
  for (let round = 0; round < Number(rounds); round++) {
    const lock = await acquireProcessLock(path, { waitMs: 60_000 })
    // 'wx' fails when another process is between its own open and rm.
    const inside = await open(file, 'wx')
    await inside.close()
    await rm(file)
    await lock.release()
  }
  writeSync(1, 'done\n')
}

if (what === 'contend') {
  await contend()
} else {
  await acquireProcessLock(path)
  writeSync(1, 'held\n')
  setInterval(() => undefined, 60_000)
}
