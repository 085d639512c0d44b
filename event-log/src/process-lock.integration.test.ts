import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ownIdentity, type ProcessIdentity } from './process-identity.ts'
import { acquireProcessLock, ProcessLockHeldError } from './process-lock.ts'
import { type RunningProcess, runProcess } from './test-processes/run-process.ts'

let dir: string
let path: string
const running = new Set<RunningProcess>()

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-lock-'))
  path = join(dir, 'clickhouse.lock')
})

afterEach(async () => {
  for (const one of running) {
    one.kill('SIGKILL')
    await one.ended
  }
  running.clear()
  await rm(dir, { recursive: true, force: true })
})

async function holder(): Promise<RunningProcess> {
  const one = runProcess('hold-lock.ts', [path, 'hold'])
  running.add(one)
  await one.hasPrinted(1)
  return one
}

async function writeClaim(identity: ProcessIdentity | string, touchedAt = new Date()): Promise<void> {
  await mkdir(path, { recursive: true })
  const file = join(path, 'left-behind.claim')
  await writeFile(file, typeof identity === 'string' ? identity : JSON.stringify(identity))
  await writeFile(join(path, 'left-behind.held'), '')
  await utimes(file, touchedAt, touchedAt)
}

describe('acquireProcessLock', () => {
  test('is refused while held, also by this process, and given after release', async () => {
    const first = await acquireProcessLock(path)
    await expect(acquireProcessLock(path)).rejects.toThrow(ProcessLockHeldError)
    await first.release()
    await first.release()
    await (await acquireProcessLock(path)).release()
    expect(await readdir(path)).toEqual([])
  })

  test('names the pid and the file of the live holder, and goes to the next once that was killed', async () => {
    const other = await holder()
    const refusal = await acquireProcessLock(path).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(ProcessLockHeldError)
    expect(refusal).toMatchObject({ pid: other.pid, file: expect.stringContaining(path) })
    other.kill('SIGKILL')
    await other.ended
    await (await acquireProcessLock(path)).release()
  })

  test('is not taken from a stopped process', async () => {
    const other = await holder()
    other.kill('SIGSTOP')
    await expect(acquireProcessLock(path, { waitMs: 200 })).rejects.toThrow(`process ${other.pid} `)
  })

  test('a process that waits gets it when the holder lets go', async () => {
    const first = await acquireProcessLock(path)
    const waiting = acquireProcessLock(path, { waitMs: 60_000 })
    await first.release()
    await (await waiting).release()
  })

  test('of many processes that contend, also over what a dead one left, never two are inside', async () => {
    const dead = await holder()
    dead.kill('SIGKILL')
    await dead.ended
    const file = join(dir, 'inside')
    const contenders = Array.from({ length: 4 }, () => runProcess('hold-lock.ts', [path, 'contend', file, '15']))
    for (const one of contenders) running.add(one)
    for (const one of contenders) expect(await one.ended, one.complaints()).toBe(0)
  })

  test('of many calls at once in one process exactly one gets it', async () => {
    const results = await Promise.allSettled(Array.from({ length: 12 }, () => acquireProcessLock(path)))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('a recycled pid is not taken for the holder: the start time differs', async () => {
    await writeClaim({ ...ownIdentity(), startedAt: 'long ago' })
    await (await acquireProcessLock(path)).release()
  })

  test('what was held before the machine restarted is free', async () => {
    await writeClaim({ ...ownIdentity(), bootId: 'an earlier start' })
    await (await acquireProcessLock(path)).release()
  })

  test('a holder in another container counts as alive while it shows signs of life, and as dead after 30 s of silence', async () => {
    const foreign = { ...ownIdentity(), pid: 7, pidNamespace: 'pid:[1]', host: 'another-container' }
    await writeClaim(foreign)
    await expect(acquireProcessLock(path)).rejects.toThrow('process 7 on another-container')
    await writeClaim(foreign, new Date(Date.now() - 31_000))
    await (await acquireProcessLock(path)).release()
  })

  test('half a claim, left by a power cut, holds nobody up for longer than 30 s', async () => {
    await writeClaim('{"pid":')
    await expect(acquireProcessLock(path)).rejects.toThrow(ProcessLockHeldError)
    await writeClaim('{"pid":', new Date(Date.now() - 31_000))
    await (await acquireProcessLock(path)).release()
  })

  test('the own identity is complete on Linux', () => {
    const self = ownIdentity()
    expect(self).toMatchObject({ pid: process.pid, host: hostname() })
    if (process.platform === 'linux') {
      expect(self.startedAt).toMatch(/^\d+$/)
      expect(self.bootId).toMatch(/^[0-9a-f-]{36}$/)
      expect(self.pidNamespace).toMatch(/^pid:\[\d+\]$/)
    }
  })
})
