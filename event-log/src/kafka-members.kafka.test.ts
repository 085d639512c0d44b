/** Members that are stopped, and groups that change in the middle of a batch. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, inject, test, vi } from 'vitest'
import {
  type EventLog,
  LogUnavailableError,
  type Membership,
  type MembershipListener,
  OffsetOutOfRangeError,
} from './event-log.ts'
import { openKafkaLog } from './kafka-log.ts'
import { createTestTopic, type TestTopic } from './testing/kafka-topics.ts'

const until = (check: () => void) => vi.waitFor(check, { timeout: 120_000, interval: 20 })
const ignore = { onAssigned: () => undefined, onRevoked: async () => undefined }

describe('members of a kafka group', () => {
  const cleanUp: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const one of cleanUp.splice(0).reverse()) await one()
  })

  async function createTopic(partitions: number): Promise<TestTopic> {
    const topic = await createTestTopic(inject('kafkaBrokers'), partitions)
    cleanUp.push(topic.remove)
    return topic
  }
  async function open(topic: TestTopic): Promise<EventLog> {
    const log = await openKafkaLog(topic.options)
    cleanUp.push(() => log.close())
    return log
  }

  test('a member stopped beyond its session and continued is fenced: its commit is refused, the other stands', async () => {
    const topic = await createTopic(1)
    const zombie = startMember(topic, 1)
    cleanUp.push(async () => {
      zombie.child.kill('SIGKILL')
    })
    await until(() => expect(zombie.lines).toContain('has 0'))
    zombie.say('0 1 first')
    await until(() => expect(zombie.lines).toContain('kept'))

    zombie.child.kill('SIGSTOP')
    // Written while it sleeps: the first thing that it does when it wakes.
    zombie.say('0 2 stale')
    const log = await open(topic)
    const shares: (readonly number[])[] = []
    const member = await log.join('g', { ...ignore, onAssigned: ({ partitions }) => shares.push(partitions) })
    await until(() => expect(shares.at(-1)).toEqual([0]))
    expect(await member.committed(0)).toEqual({ offset: 1, note: 'first' })
    await member.commit(0, 5, 'of the successor')

    zombie.child.kill('SIGCONT')
    await until(() => expect(zombie.lines).toContain('FencedError'))
    await until(() => expect(zombie.lines).toContain('loses 0'))
    expect(zombie.lines.filter((line) => line === 'kept')).toHaveLength(1)
    expect(await member.committed(0)).toEqual({ offset: 5, note: 'of the successor' })
  })

  test('a rebalance in mid-batch hands over after the batch: every record is done once, by one to three members', async () => {
    const topic = await createTopic(4)
    const log = await open(topic)
    const records = 2_000
    for (let i = 0; i < records; i++) {
      await log.append(i % 4, [{ value: Buffer.from(String(i)), arrivedAtMs: 1 }])
    }
    const done: string[] = []
    const workers = [await startWorker(topic, done)]
    for (let i = 0; i < 2; i++) {
      await until(() => expect(done.length).toBeGreaterThan((i + 1) * 200))
      workers.push(await startWorker(topic, done))
    }
    const before = done.length
    await until(() => expect(done.length).toBeGreaterThan(Math.min(before + 200, records - 1)))
    await workers[1]?.stop()
    await until(() => expect(done.length).toBeGreaterThanOrEqual(records))
    await Promise.all(workers.map((worker) => worker.stop()))
    expect(new Set(done).size).toBe(records)
    expect(done).toHaveLength(records)
  })

  test('a topic created anew under a running log is noticed: nothing is read, committed or appended any more', async () => {
    const topic = await createTopic(2)
    const log = await open(topic)
    const member = await log.join('g', ignore)
    await topic.remove()
    await topic.createAgain()
    await vi.waitFor(() => expect(log.stats()).rejects.toThrow(/created anew/), { timeout: 60_000, interval: 100 })
    await expect(log.append(0, [{ value: Buffer.from('a'), arrivedAtMs: 1 }])).rejects.toThrow(LogUnavailableError)
    await expect(member.commit(0, 1, '')).rejects.toThrow(LogUnavailableError)
    expect((await open(topic)).generation).not.toBe(log.generation)
  })

  test('a job that was away for longer than the retention is told so, and is set to no other place', async () => {
    const topic = await createTopic(1)
    const log = await open(topic)
    const member = await log.join('g', ignore)
    for (let n = 0; n < 6; n++) await log.append(0, [{ value: Buffer.from(`record ${n}`), arrivedAtMs: 1 }])
    await member.commit(0, 2, 'before the outage')
    await topic.dropBefore(0, 4)
    const options = { maxRecords: 10, maxBytes: 1e6, waitMs: 20_000 }
    await expect(member.read(0, 2, options)).rejects.toThrow(OffsetOutOfRangeError)
    expect(await member.committed(0)).toEqual({ offset: 2, note: 'before the outage' })
    const left = await member.read(0, 4, options)
    expect(left.map(({ value }) => value.toString())).toEqual(['record 4', 'record 5'])
  })

  test('records that retention removes ahead of a job that reads: it gets what it had fetched, then is told', async () => {
    const topic = await createTopic(1)
    const log = await open(topic)
    const member = await log.join('g', ignore)
    // More than is fetched ahead, so that the job's place in the topic lies between what it holds and the end.
    const [records, value] = [60, Buffer.alloc(900_000)]
    for (let n = 0; n < records; n++) await log.append(0, [{ value, arrivedAtMs: 1 }])
    const options = { maxRecords: 1, maxBytes: 1e6, waitMs: 10_000 }
    const offsets: number[] = []
    const readOn = async () => {
      for (;;) {
        const [next] = await member.read(0, offsets.length, options)
        if (next === undefined) return 'nothing there'
        offsets.push(next.offset)
      }
    }
    offsets.push(...(await member.read(0, 0, options)).map(({ offset }) => offset))
    await topic.dropBefore(0, records)
    await expect(readOn()).rejects.toThrow(OffsetOutOfRangeError)
    expect(offsets).toEqual(offsets.map((_, index) => index))
    expect(offsets.length).toBeLessThan(records)
  })

  test('a topic that is absent or has another number of partitions is not opened', async () => {
    const topic = await createTopic(2)
    await expect(openKafkaLog({ ...topic.options, topic: 'absent' })).rejects.toThrow(/npm run topics creates it/)
    await expect(openKafkaLog({ ...topic.options, partitions: 3 })).rejects.toThrow(/has 2 partitions, 3 are stated/)
  })

  /** Loads like the loader: read from the commit, work, commit; finishes its batch before it gives a partition up. */
  async function startWorker(topic: TestTopic, done: string[]) {
    const log = await open(topic)
    const loops = new Map<number, { stopping: boolean; ended: Promise<void> }>()
    const listener: MembershipListener = {
      onAssigned: ({ partitions }) => {
        for (const partition of partitions) {
          if (loops.has(partition)) continue
          const loop = { stopping: false, ended: Promise.resolve() }
          loops.set(partition, loop)
          loop.ended = joined.then((member) => work(member, partition, loop))
        }
      },
      onRevoked: async (partitions) => {
        for (const partition of partitions) await endLoop(partition)
      },
    }
    async function work(member: Membership, partition: number, loop: { readonly stopping: boolean }): Promise<void> {
      let next = (await member.committed(partition))?.offset ?? 0
      while (!loop.stopping) {
        const batch = await member.read(partition, next, { maxRecords: 7, maxBytes: 1e6, waitMs: 20 })
        const last = batch.at(-1)
        if (last === undefined) continue
        await untilKept(() => member.commit(partition, next, `intent ${last.offset + 1}`))
        await untilKept(() => member.commit(partition, last.offset + 1, 'done'))
        next = last.offset + 1
        done.push(...batch.map(({ offset }) => `${partition}/${offset}`))
      }
    }
    async function endLoop(partition: number): Promise<void> {
      const loop = loops.get(partition)
      if (loop === undefined) return
      loop.stopping = true
      await loop.ended
      loops.delete(partition)
    }
    const joined = log.join('workers', listener)
    await joined
    return {
      stop: async () => {
        for (const partition of [...loops.keys()]) await endLoop(partition)
        await log.close()
      },
    }
  }
})

/** As the loader does: what may cure itself is asked again; the middle of a rebalance is such a thing. */
async function untilKept(commit: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await commit()
      return
    } catch (error) {
      if (!(error instanceof LogUnavailableError)) throw error
      await pause(20)
    }
  }
}

function startMember(topic: TestTopic, partitions: number) {
  const { brokers, topic: name } = topic.options
  const entry = new URL('./test-processes/kafka-member.ts', import.meta.url).pathname
  const child: ChildProcessWithoutNullStreams = spawn(
    process.execPath,
    ['--import', 'tsx', entry, brokers.join(), name, String(partitions)],
    { stdio: 'pipe' },
  )
  const lines: string[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => lines.push(...text.split('\n').filter(Boolean)))
  child.stderr.setEncoding('utf8').on('data', (text: string) => lines.push(text))
  return { child, lines, say: (line: string) => child.stdin.write(`${line}\n`) }
}
