/** Real brokers that are killed and stopped, under appends whose books are kept: nothing acknowledged is ever lost. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type EventLog, LogUnavailableError } from './event-log.ts'
import { openAdmin } from './kafka-admin.ts'
import { answered, type TopicDescription } from './kafka-client.ts'
import { openKafkaLog } from './kafka-log.ts'
import type { KafkaLogOptions } from './kafka-options.ts'
import { type AppendStream, countStored, startAppending } from './testing/append-stream.ts'
import { type KafkaCluster, startKafkaCluster } from './testing/kafka-cluster.ts'
import { createTestTopic } from './testing/kafka-topics.ts'

const ignore = { onAssigned: () => undefined, onRevoked: async () => undefined }
const until = (check: () => void) => vi.waitFor(check, { timeout: 120_000, interval: 20 })

describe('kafka log under broker faults', () => {
  const cleanUp: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const one of cleanUp.splice(0).reverse()) await one()
  })

  async function startCluster(nodes: number): Promise<KafkaCluster> {
    const cluster = await startKafkaCluster(nodes)
    cleanUp.push(cluster.remove)
    return cluster
  }
  async function openLog(options: KafkaLogOptions): Promise<EventLog> {
    const log = await openKafkaLog(options)
    cleanUp.push(() => log.close())
    return log
  }

  async function expectNothingLost(log: EventLog, stream: AppendStream): Promise<void> {
    await stream.stop()
    const stored = await countStored(log, await log.join('reader', ignore))
    expect([...stream.acknowledged].filter((id) => stored.get(id) !== 1)).toEqual([])
    expect([...stream.refused].filter((id) => stored.has(id))).toEqual([])
    expect([...stored.keys()].filter((id) => !stream.acknowledged.has(id) && !stream.unknown.has(id))).toEqual([])
    expect([...stored.values()].filter((count) => count > 1)).toEqual([])
  }

  test('a broker killed and started again: refuses meanwhile, recovers by itself, keeps what it acknowledged', async () => {
    const cluster = await startCluster(1)
    const topic = await createTestTopic(cluster.brokers, 2)
    const log = await openLog({ ...topic.options, deliveryTimeoutMs: 2_000, answerTimeoutMs: 2_000 })
    const member = await log.join('g', ignore)
    const stream = startAppending(log)
    await stream.progress(200)

    await cluster.kill(1)
    await until(() => expect(stream.unknown.size).toBeGreaterThan(0))
    await expect(log.stats()).rejects.toThrow(LogUnavailableError)
    await expect(log.append(0, [{ value: Buffer.from('-1'), arrivedAtMs: 1 }])).rejects.toMatchObject({ unknown: true })

    await cluster.start()
    await stream.progress(200)
    // An outage longer than the session has cost the member its partitions; it gets them back by itself.
    await vi.waitFor(() => member.commit(0, 3, 'after the crash'), { timeout: 120_000, interval: 100 })
    expect(await member.committed(0)).toEqual({ offset: 3, note: 'after the crash' })
    await expectNothingLost(log, stream)
  })

  test('a broker stopped and continued: what waits is refused as unknown or stored, never both lost and acknowledged', async () => {
    const cluster = await startCluster(1)
    const topic = await createTestTopic(cluster.brokers, 2)
    const log = await openLog({ ...topic.options, deliveryTimeoutMs: 3_000 })
    const stream = startAppending(log)
    await stream.progress(200)
    await cluster.signal(1, 'SIGSTOP')
    await until(() => expect(stream.unknown.size).toBeGreaterThanOrEqual(log.partitions))
    await cluster.signal(1, 'SIGCONT')
    await stream.progress(200)
    await expectNothingLost(log, stream)
  })

  test('three brokers and the leader killed: not one append is refused, and commits go on', async () => {
    const cluster = await startCluster(3)
    const topic = await createTestTopic(cluster.brokers, 3, { 'min.insync.replicas': '2' }, 3)
    const log = await openLog({ ...topic.options, deliveryTimeoutMs: 60_000 })
    const member = await log.join('g', ignore)
    await member.commit(0, 1, 'before')
    const stream = startAppending(log)
    await stream.progress(300)
    const leader = await leaderOf(cluster, topic.options.topic)
    await cluster.kill(leader)
    await stream.progress(300)
    // Until every partition, the dead leader's too, has taken something.
    await Promise.all(
      [0, 1, 2].map((partition) => log.append(partition, [{ value: Buffer.from('-1'), arrivedAtMs: 1 }])),
    )
    await vi.waitFor(() => member.commit(0, 2, 'after'), { timeout: 120_000, interval: 100 })
    expect(await member.committed(0)).toEqual({ offset: 2, note: 'after' })
    expect([stream.refused.size, stream.unknown.size]).toEqual([0, 0])
    await stream.stop()
    const stored = await countStored(log, member)
    expect([...stream.acknowledged].filter((id) => stored.get(id) !== 1)).toEqual([])
  })
})

async function leaderOf({ brokers }: KafkaCluster, topic: string): Promise<number> {
  const own = openAdmin({ brokers, tls: null, sasl: null })
  const [found] = await answered<readonly TopicDescription[]>((answer) =>
    own.admin.describeTopics([topic], { timeout: 10_000 }, answer),
  )
  own.close()
  const leader = found?.partitions[0]?.leader
  if (typeof leader !== 'object' || leader === null || !('id' in leader)) throw new Error('no leader')
  return Number(leader.id)
}
