/** The index under SIGKILL in the middle of adds, flushes, merges and drops; and on a disk that is full. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bucketOf, type DedupeIndex, IndexDamagedError, lastDayOf } from '../dedupe-index.ts'
import { addCopies, findCopies } from '../testing/index-tools.ts'
import {
  dayOf,
  KILLED_DAYS,
  KILLED_GENERATION,
  killedBatch,
  NEWEST_MAX,
  randomSource,
} from '../testing/killed-batch.ts'
import { openSegmentIndex } from './open-segment-index.ts'

// To repeat a failed run, put the seed of its title here.
const seed = Date.now() % 1_000_000
const ROUNDS = 12
const ADDER = new URL('../testing/index-until-killed.ts', import.meta.url).pathname

let dir: string
let child: ChildProcess | null = null
let complaints: string[]
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'index-kills-'))
  complaints = []
})
afterEach(async () => {
  child?.kill('SIGKILL')
  await rm(dir, { recursive: true, force: true })
})

const open = (folder = dir): Promise<DedupeIndex> =>
  openSegmentIndex(folder, pino({}, { write: (line) => void complaints.push(line) }), { newestMax: NEWEST_MAX })

/** Runs until it has printed so many lines and a moment longer; returns the last offset it printed. */
async function addUntilKilled(args: readonly string[], lines: number, momentMs: number): Promise<number> {
  const adder = spawn(process.execPath, ['--import', 'tsx', ADDER, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  child = adder
  let printed = ''
  let errors = ''
  const ended = new Promise<NodeJS.Signals | null>((resolve) => adder.on('close', (_, signal) => resolve(signal)))
  adder.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  await new Promise<void>((resolve) => {
    adder.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      if (printed.split('\n').length > lines) resolve()
    })
    adder.on('close', () => resolve())
  })
  await pause(momentMs)
  adder.kill('SIGKILL')
  expect(await ended, errors).toBe('SIGKILL')
  expect(errors).toBe('')
  return Number(printed.split('\n').at(-2))
}

/** Every id that is not dropped is there with its copy; none of a batch that was not finished. */
function expectWhole(index: DedupeIndex, to: number): void {
  const oldest = dayOf(to) - KILLED_DAYS
  let kept = 0
  for (let from = 0; from < to + 3000; from += 5000) {
    const batch = killedBatch(from, from + 5000)
    const found = findCopies(
      index,
      batch.map(([id]) => id),
    )
    for (const [id, copy] of batch) {
      const dropped = lastDayOf(bucketOf(copy.arrivalDay)) < oldest
      expect([id, found.get(id)]).toEqual([id, copy.offset >= to || dropped ? undefined : [copy]])
      if (!dropped && copy.offset < to) kept += 1
    }
  }
  expect(kept).toBeGreaterThan(0)
}

describe(`a segment index that is killed (seed ${seed})`, () => {
  it('is there again whole, as of its last finished add, whenever it was killed', { timeout: 1_800_000 }, async () => {
    const random = randomSource(seed)
    for (let round = 0; round < ROUNDS; round++) {
      const printed = await addUntilKilled([dir, String(seed + round)], 1 + random(120), random(30))
      const index = await open()
      const marker = index.marker()
      expect(marker).toMatchObject({ generation: KILLED_GENERATION, partitions: 2 })
      expect(marker?.offset).toBeGreaterThanOrEqual(printed)
      // A drop that was cut off is made up for by the next one.
      await index.dropBefore(dayOf(marker?.offset ?? 0) - KILLED_DAYS)
      expectWhole(index, marker?.offset ?? 0)
      await index.close()
    }
    expect(complaints).toEqual([])
  })
})

const mayMount = process.platform === 'linux' && process.getuid?.() === 0

describe('a segment index on a full disk', () => {
  it.skipIf(!mayMount)('refuses whole, keeps what it has, and goes on when there is room again', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', dir])
    try {
      const folder = join(dir, 'index')
      const ballast = join(dir, 'ballast')
      let index = await open(folder)
      let offset = 0
      const add = async (): Promise<void> => {
        const to = offset + 130
        await addCopies(index, killedBatch(offset, to), { generation: KILLED_GENERATION, partitions: 2, offset: to })
        offset = to
      }
      for (let round = 0; round < 8; round++) {
        for (let i = 0; i < 8; i++) await add()
        const { bavail, bsize } = await statfs(dir)
        await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - round * 9000)))
        let refused = 0
        for (let i = 0; i < 20; i++) {
          await add().catch((error: unknown) => {
            expect(error).not.toBeInstanceOf(IndexDamagedError)
            expect(error).toMatchObject({ code: 'ENOSPC' })
            refused += 1
          })
        }
        expect(refused).toBeGreaterThan(0)
        expectWhole(index, offset)
        if (round % 2 === 0) {
          await index.close()
          index = await open(folder)
          expectWhole(index, offset)
        }
        await rm(ballast)
      }
      expect(index.marker()?.offset).toBe(offset)
      await index.close()
      expect(complaints).toEqual([])
    } finally {
      execFileSync('umount', ['-l', dir])
    }
  })
})
