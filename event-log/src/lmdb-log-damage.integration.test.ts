import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LogUnavailableError } from './event-log.ts'
import { openLmdbLog } from './lmdb-log.ts'
import { numberedValue } from './test-processes/numbered-value.ts'
import { runProcess } from './test-processes/run-process.ts'

// To repeat a failed run, put the seed of its title here.
const seed = Date.now() % 1_000_000
const recordsPerPartition = 600

let dir: string
let cleanUp: (() => void)[] = []

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-log-'))
})

afterEach(async () => {
  for (const step of cleanUp) step()
  cleanUp = []
  await rm(dir, { recursive: true, force: true })
})

async function writeWholeLog(folder: string): Promise<string> {
  const log = await openLmdbLog({ dir: folder, partitions: 2 })
  for (let first = 0; first < recordsPerPartition; first += 50) {
    for (const partition of [0, 1]) {
      const values = Array.from({ length: 50 }, (_, index) =>
        numberedValue('w', first + index, index % 10 === 0 ? 9_000 : 150),
      )
      await log.append(
        partition,
        values.map((value) => ({ value, arrivedAtMs: 1 })),
      )
    }
  }
  await log.close()
  return join(folder, 'data.mdb')
}

describe(`lmdb log on a damaged file (seed ${seed})`, () => {
  const kinds = ['cut off', 'garbage tail', 'page overwritten', 'bytes overwritten']
  test.each(kinds)(
    '%s: it is refused with the file and what to do, or read with nothing left out; never a crash',
    async (kind) => {
      const whole = await writeWholeLog(join(dir, 'whole'))
      const count = 60
      const reader = runProcess('read-damaged.ts', [whole, dir, String(seed), String(count), kind])
      expect(await reader.ended, reader.complaints()).toBe(0)
      expect(reader.lines).toHaveLength(count)
      for (const line of reader.lines) {
        if (line.startsWith('refused')) {
          expect(line).toContain(dir)
          expect(line).toMatch(/restore|move the folder/)
          continue
        }
        const [ok = 0, corrupt = 0] = line.split(' ').slice(1).map(Number)
        expect(ok + corrupt).toBe(recordsPerPartition * 2)
        if (kind === 'garbage tail') expect(corrupt).toBe(0)
      }
      if (kind === 'garbage tail') expect(reader.lines.every((line) => line.startsWith('opened'))).toBe(true)
      if (kind === 'bytes overwritten') expect(reader.lines.some((line) => /^opened \d+ [1-9]/.test(line))).toBe(true)
    },
  )

  test('a file that is not LMDB at all is refused with its name', async () => {
    await writeFile(join(dir, 'data.mdb'), 'this is no database'.repeat(1_000))
    await expect(openLmdbLog({ dir, partitions: 2 })).rejects.toThrow(LogUnavailableError)
    await expect(openLmdbLog({ dir, partitions: 2 })).rejects.toThrow(join(dir, 'data.mdb'))
  })

  test('an empty file, as a crash during creation leaves it, becomes a log', async () => {
    await writeFile(join(dir, 'data.mdb'), '')
    const log = await openLmdbLog({ dir, partitions: 2 })
    expect(await log.append(0, [{ value: new Uint8Array(1), arrivedAtMs: 1 }])).toBe(0)
    await log.close()
  })

  test('an empty file where a log was kept is refused: what it held is gone', async () => {
    const path = await writeWholeLog(join(dir, 'emptied'))
    await writeFile(path, '')
    const opening = openLmdbLog({ dir: join(dir, 'emptied'), partitions: 2 })
    await expect(opening).rejects.toThrow(/data\.mdb is damaged: it is empty.*move the folder aside/)
  })

  test('garbage in the lock file is no obstacle', async () => {
    await writeWholeLog(dir)
    await writeFile(join(dir, 'lock.mdb'), Buffer.alloc(8_272, 0xa5))
    const log = await openLmdbLog({ dir, partitions: 2 })
    expect((await log.stats()).map(({ nextOffset }) => nextOffset)).toEqual([recordsPerPartition, recordsPerPartition])
    await log.close()
  })

  test('another number of partitions is refused, naming both, and changes nothing', async () => {
    const file = await writeWholeLog(dir)
    const before = await readFile(file)
    await expect(openLmdbLog({ dir, partitions: 3 })).rejects.toThrow(/has 2 partitions, wanted 3/)
    const log = await openLmdbLog({ dir, partitions: 2 })
    expect((await log.stats())[0]?.nextOffset).toBe(recordsPerPartition)
    await log.close()
    expect(before.length).toBeLessThanOrEqual((await readFile(file)).length)
  })

  test('a folder that can not be created is named', async () => {
    await writeFile(join(dir, 'file'), '')
    await expect(openLmdbLog({ dir: join(dir, 'file', 'log'), partitions: 2 })).rejects.toThrow(join(dir, 'file'))
  })
})

describe('lmdb log on a full disk', () => {
  test('appends are refused and nothing is half written; once records are passed, it takes appends again by itself', async () => {
    const { filler, ended, mounted } = await fillSmallDisk()
    expect(ended, filler.complaints()).toBe(0)
    const [full = '', read = '', again = ''] = filler.lines
    const [, appended, refusal] = full.split(' ')
    expect(Number(appended)).toBeGreaterThan(100)
    expect(refusal).toBe(mounted ? 'LogFullError' : expect.stringMatching(/^Log(Full|Unavailable)Error$/))
    expect(read).toBe(`read ${appended} ${appended}`)
    if (mounted) expect(again).toBe('again 50')
  })

  test('is opened although not a byte is left', async ({ skip }) => {
    const small = join(dir, 'small')
    await mkdir(small)
    if (!mountSmallDisk(small)) skip('needs the right to mount')
    const folder = join(small, 'log')
    const before = await openLmdbLog({ dir: folder, partitions: 1 })
    await before.append(0, [{ value: Buffer.from('kept'), arrivedAtMs: 1 }])
    await before.close()
    execFileSync('bash', ['-c', 'cat /dev/zero > "$0" 2> /dev/null || true', join(small, 'ballast')])
    await expect(writeFile(join(small, 'more'), 'x')).rejects.toThrow('ENOSPC')
    const log = await openLmdbLog({ dir: folder, partitions: 1 })
    expect((await log.stats())[0]?.nextOffset).toBe(1)
    await log.close()
  })
})

const ABORTED_RUNS_MAX = 5

/**
 * LMDB's native code damages its heap now and then when a write finds no room, and aborts (one run in five beside other
 * work, docs/failure-modes.md): such a run is made again on another disk. Any other end is the test's affair.
 */
async function fillSmallDisk() {
  for (let aborted = 0; ; aborted++) {
    const small = join(dir, `small-${aborted}`)
    await mkdir(small)
    const mounted = mountSmallDisk(small)
    // Where mounting is not permitted, a limit of the file's size stands for the full disk; that can't heal.
    const filler = runProcess('fill-disk.ts', [join(small, 'log')], mounted ? {} : { fileLimitKib: 30_000 })
    const ended = await filler.ended
    if (ended !== 'SIGABRT' || aborted === ABORTED_RUNS_MAX) return { filler, ended, mounted }
  }
}

/** A disk of 80 MB in memory; false where that is not permitted. */
function mountSmallDisk(path: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=80m', 'tmpfs', path], { stdio: 'ignore' })
  } catch {
    return false
  }
  cleanUp.push(() => execFileSync('umount', [path]))
  return true
}
