import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { wakeForgottenWaiter } from './forgotten-waiters.ts'
import { type LmdbLog, openLmdbLog } from './lmdb-log.ts'
import { type RunningProcess, runProcess } from './test-processes/run-process.ts'

const WAITED_FOR = 0x80000000
let dir: string
let log: LmdbLog
let holder: RunningProcess

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-log-'))
  log = await openLmdbLog({ dir, partitions: 2 })
  holder = runProcess('hold-write-lock.ts', [dir])
  await holder.hasPrinted(1)
})

afterEach(async () => {
  holder.kill('SIGKILL')
  await holder.ended
  await log.close()
  await rm(dir, { recursive: true, force: true })
})

/** Where in the lock file the holder's thread stands as one that others wait for; null while nobody does. */
async function waitedForAt(): Promise<number | null> {
  const bytes = await readFile(join(dir, 'lock.mdb'))
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    if (bytes.readUInt32LE(at) === holder.pid + WAITED_FOR) return at
  }
  return null
}

/** The state that a lost wake-up leaves: the lock is free, and its waiter has not been told. */
async function freeUnheard(): Promise<void> {
  for (;;) {
    const at = await waitedForAt()
    if (at === null) {
      await pause(10)
      continue
    }
    const file = await open(join(dir, 'lock.mdb'), 'r+')
    await file.write(Buffer.alloc(4), 0, 4, at)
    await file.close()
    return
  }
}

describe.runIf(process.platform === 'linux')('a write that waits for the lock', () => {
  test('goes on when the lock is free and nobody said so', async () => {
    const append = log.append(0, [{ value: Buffer.from('forgotten'), arrivedAtMs: 1 }])
    await freeUnheard()
    expect(await append).toBe(0)
  })

  test('is the only one that is woken, and waits on while the lock is held', async () => {
    expect(wakeForgottenWaiter()).toBe(false)
    let isOver = false
    const append = log.append(0, [{ value: Buffer.from('held up'), arrivedAtMs: 1 }]).finally(() => {
      isOver = true
    })
    await expect.poll(wakeForgottenWaiter, { timeout: 60_000 }).toBe(true)
    // Long enough for one that would go on.
    await pause(100)
    expect(isOver).toBe(false)
    holder.kill('SIGKILL')
    expect(await append).toBe(0)
  })
})
