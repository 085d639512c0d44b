import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EventLog, Membership, StoredRecord } from './event-log.ts'
import { GroupTakenError, LogUnavailableError } from './event-log.ts'
import { openLmdbLog } from './lmdb-log.ts'
import { numberedValue, readNumberedValue } from './test-processes/numbered-value.ts'
import { randomSource } from './test-processes/random-source.ts'
import { type RunningProcess, runProcess } from './test-processes/run-process.ts'

const ignore = { onAssigned: () => undefined, onRevoked: async () => undefined }
// To repeat a failed run, put the seed of its title here.
const seed = Date.now() % 1_000_000
const rounds = 6

let dir: string
const running = new Set<RunningProcess>()

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-log-'))
})

afterEach(async () => {
  for (const one of running) {
    one.kill('SIGKILL')
    await one.ended
  }
  running.clear()
  await rm(dir, { recursive: true, force: true })
})

function start(script: string, args: readonly string[]): RunningProcess {
  const one = runProcess(script, args)
  running.add(one)
  return one
}

async function killed(one: RunningProcess): Promise<void> {
  one.kill('SIGKILL')
  expect(await one.ended, one.complaints()).toBe('SIGKILL')
  running.delete(one)
}

async function readAll(log: EventLog, member: Membership, partition: number): Promise<StoredRecord[]> {
  const stats = (await log.stats())[partition]
  const all: StoredRecord[] = []
  for (let next = stats?.firstOffset ?? 0; next < (stats?.nextOffset ?? 0); next = (all.at(-1)?.offset ?? next) + 1) {
    all.push(...(await member.read(partition, next, { maxRecords: 5_000, maxBytes: 1e8, waitMs: 0 })))
  }
  return all
}

interface Acknowledged {
  readonly partition: number
  readonly offset: number
  readonly name: string
  readonly first: number
  readonly count: number
}

function acknowledgements(name: string, lines: readonly string[]): Acknowledged[] {
  return lines.map((line) => {
    const [partition = 0, offset = 0, first = 0, count = 0] = line.split(' ').slice(1).map(Number)
    return { partition, offset, name, first, count }
  })
}

describe(`lmdb log under kill -9 (seed ${seed})`, () => {
  test('what two processes had acknowledged is there, whole, once and in order, whenever they are killed', async () => {
    const random = randomSource(seed)
    const acknowledged: Acknowledged[] = []
    for (let round = 0; round < rounds; round++) {
      const names = [`a${round}`, `b${round}`]
      const appenders = names.map((name, index) =>
        start('append-until-killed.ts', [dir, name, `${seed + round * 2 + index}`]),
      )
      // Whoever is slower tries again each time the other was first, so it may get behind by any number.
      await Promise.all(appenders.map((one) => one.hasPrinted(3)))
      await Promise.race(appenders.map((one) => one.hasPrinted(20 + random(150))))
      // Anywhere in a transaction, not only right behind an acknowledgement.
      await pause(random(15))
      if (random(2) === 0) appenders[1]?.kill('SIGKILL')
      for (const one of appenders) await killed(one)
      appenders.forEach((one, index) => {
        acknowledged.push(...acknowledgements(names[index] ?? '', one.lines))
      })
    }
    const log = await openLmdbLog({ dir, partitions: 2 })
    const member = await log.join('check', ignore)
    const read = await Promise.all([0, 1].map((partition) => readAll(log, member, partition)))
    // Collected, not expected one by one: there may be a million records.
    const wrong: string[] = []
    const lastOf = new Map<string, number>()
    read.forEach((records, partition) => {
      for (const [index, record] of records.entries()) {
        const value = readNumberedValue(record.value)
        const key = `${value?.name} ${partition}`
        // Numbers are taken where append is called, so within a partition they rise and never come twice.
        const rises = value !== null && value.number > (lastOf.get(key) ?? -1)
        if (record.kind !== 'ok' || record.offset !== index || !rises) {
          wrong.push(`${record.kind} ${key} ${value?.number} at ${index}, said to be at ${record.offset}`)
        }
        lastOf.set(key, value?.number ?? 0)
      }
    })
    for (const { partition, offset, name, first, count } of acknowledged) {
      for (let index = 0; index < count; index++) {
        const record = read[partition]?.[offset + index]
        const value = record === undefined ? undefined : readNumberedValue(record.value)
        if (value?.name !== name || value.number !== first + index) {
          wrong.push(`${name} ${first + index} was acknowledged at ${offset + index}: ${value?.name} ${value?.number}`)
        }
      }
    }
    expect(wrong.slice(0, 10)).toEqual([])
    expect(acknowledged.length).toBeGreaterThanOrEqual(rounds * 20)
    const bytes = (await log.stats()).map((one) => one.bytes)
    expect(bytes).toEqual(read.map((records) => records.reduce((sum, { value }) => sum + value.byteLength + 12, 0)))
    await log.close()
  })

  test('a reader that is killed again and again misses nothing between its commits, while others append', async () => {
    const random = randomSource(seed + 1)
    const appenders = ['a', 'b'].map((name, index) => start('append-until-killed.ts', [dir, name, `${seed + index}`]))
    const next = [0, 0]
    const readUpTo = [0, 0]
    let commits = 0
    for (let round = 0; round < rounds; round++) {
      const reader = start('read-until-killed.ts', [dir, 'loader', `${seed + round}`])
      await reader.hasPrinted(20 + random(60))
      await pause(random(10))
      await killed(reader)
      for (const line of reader.lines) {
        const [what, partition = 0, offset = 0, end = 0] = line
          .split(' ')
          .map((part, index) => (index === 0 ? part : Number(part))) as [string, number, number, number]
        if (what === 'from') {
          // The commit printed last is kept; one that was killed before it was printed may be kept as well.
          expect(offset).toBeGreaterThanOrEqual(next[partition] ?? 0)
          expect(offset).toBeLessThanOrEqual(readUpTo[partition] ?? 0)
        }
        if (what === 'read') {
          expect(offset).toBeLessThanOrEqual(Math.max(readUpTo[partition] ?? 0, next[partition] ?? 0))
          readUpTo[partition] = Math.max(end, readUpTo[partition] ?? 0)
        }
        if (what === 'committed') {
          next[partition] = offset
          commits += 1
        }
      }
    }
    for (const one of appenders) {
      one.kill('SIGKILL')
      await one.ended
    }
    expect(commits).toBeGreaterThan(rounds)
    const log = await openLmdbLog({ dir, partitions: 2 })
    const member = await log.join('loader', ignore)
    for (const partition of [0, 1]) {
      const committed = await member.committed(partition)
      expect(committed?.offset ?? 0).toBeGreaterThanOrEqual(next[partition] ?? 0)
      const rest = await member.read(partition, committed?.offset ?? 0, { maxRecords: 1e5, maxBytes: 1e9, waitMs: 0 })
      expect(rest.every(({ kind }) => kind === 'ok')).toBe(true)
    }
    await log.close()
  })

  test('two processes that create the log at once agree on its generation', async () => {
    const appenders = ['a', 'b', 'c'].map((name) => start('append-until-killed.ts', [dir, name, '1']))
    await Promise.all(appenders.map((one) => one.hasPrinted(3)))
    const log = await openLmdbLog({ dir, partitions: 2 })
    const member = await log.join('check', ignore)
    for (const one of appenders) await killed(one)
    const records = (await Promise.all([0, 1].map((partition) => readAll(log, member, partition)))).flat()
    const names = new Set(records.map(({ value }) => readNumberedValue(value)?.name))
    expect([...names].sort()).toEqual(['a', 'b', 'c'])
    await log.close()
  })

  test('a group is taken while its member lives in another process, and free once that was killed', async () => {
    const appender = start('append-until-killed.ts', [dir, 'a', '1'])
    const reader = start('read-until-killed.ts', [dir, 'loader', '1'])
    // Two starts, at most two reads: the fifth line at the latest tells of a commit.
    await reader.hasPrinted(5)
    const log = await openLmdbLog({ dir, partitions: 2 })
    await expect(log.join('loader', ignore)).rejects.toThrow(GroupTakenError)
    await expect(log.join('loader', ignore)).rejects.toThrow(`process ${reader.pid} `)
    await killed(reader)
    const member = await log.join('loader', ignore)
    expect((await member.committed(0)) ?? (await member.committed(1))).not.toBeNull()
    await killed(appender)
    await log.close()
  })

  test('a process that stops within a transaction holds up appends: said as unknown, then refused; its death frees them', async () => {
    const log = await openLmdbLog({ dir, partitions: 2, commitTimeoutMs: 300 })
    const writer = start('hold-write-lock.ts', [dir])
    await writer.hasPrinted(1)
    const records = [{ value: numberedValue('w', 0, 100), arrivedAtMs: 1 }]
    const held = await log.append(0, records).catch((error: unknown) => error)
    expect(held).toBeInstanceOf(LogUnavailableError)
    expect(held).toMatchObject({ unknown: true })
    await expect(log.append(0, records)).rejects.toThrow('an earlier write still hangs')
    await killed(writer)
    // The append reported as unknown gets its turn now; from then on appends are taken again.
    await expect.poll(() => log.append(0, records).catch(() => -1), { timeout: 120_000 }).toBe(1)
    const member = await log.join('check', ignore)
    const read = await readAll(log, member, 0)
    expect(read.map(({ kind, value }) => kind === 'ok' && readNumberedValue(value)?.name)).toEqual(['w', 'w'])
    await log.close()
  })

  test('close comes back although a write hangs', async () => {
    const log = await openLmdbLog({ dir, partitions: 2, commitTimeoutMs: 300 })
    const writer = start('hold-write-lock.ts', [dir])
    await writer.hasPrinted(1)
    const append = log
      .append(0, [{ value: numberedValue('w', 0, 100), arrivedAtMs: 1 }])
      .catch((error: unknown) => error)
    await log.close()
    expect(await append).toMatchObject({ unknown: true })
    await killed(writer)
  })

  test('a waiting read sees what another process appends', async () => {
    const log = await openLmdbLog({ dir, partitions: 2 })
    const member = await log.join('loader', ignore)
    const waiting = [0, 1].map((partition) =>
      member.read(partition, 0, { maxRecords: 10, maxBytes: 1e6, waitMs: 60_000 }),
    )
    const appender = start('append-until-killed.ts', [dir, 'a', '7'])
    for (const records of await Promise.all(waiting)) {
      expect(readNumberedValue(records[0]?.value ?? Buffer.alloc(0))?.name).toBe('a')
    }
    await killed(appender)
    await log.close()
  })
})
