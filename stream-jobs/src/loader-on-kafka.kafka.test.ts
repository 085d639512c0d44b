/** Real Kafka, real ClickHouse in process, real loader processes that are killed at every fault point in turn. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EventLog, openLog } from '@ecomind/event-log'
import { createTestTopic, type TestTopic } from '@ecomind/event-log/testing/kafka'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { FAULT_POINTS } from './fault-points.ts'
import { expectOracle } from './testing/expect-oracle.ts'
import { processPaths } from './testing/process-models.ts'
import { runLoader } from './testing/run-loader.ts'
import { type SentBatch, send, usageEvent } from './testing/traffic.ts'

const PARTITIONS = 2
const NOON = 1_760_011_200_000

describe('a loader process on Kafka', () => {
  let dataDir: string
  let topic: TestTopic
  let log: EventLog
  let sent: (SentBatch | Uint8Array)[]

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'loader-kafka-'))
    topic = await createTestTopic(inject('kafkaBrokers'), PARTITIONS)
    log = await openLog({ kind: 'kafka', ...topic.options })
    sent = []
  })
  afterEach(async () => {
    await log.close()
    await topic.remove()
    await rm(dataDir, { recursive: true, force: true })
  })

  /** Some new events, a duplicate, a conflict and a poison record, to every partition. */
  async function sendRound(round: number): Promise<void> {
    const at = NOON + round * 1000
    const events = Array.from({ length: 40 }, (_, i) =>
      usageEvent({ event_id: `event-${round}-${i}`, user_id: `user_${i % 3}`, tokens_in: i, ts: at - i * 400_000 }),
    )
    const conflicts = events.slice(1, 7).map((event) => ({ ...event, tokens_in: event.tokens_in + 1 }))
    await sendOne({ arrivedAtMs: at, events })
    await sendOne({ arrivedAtMs: at + 1, events: events.slice(10, 20) })
    await sendOne({ arrivedAtMs: at + 2, events: conflicts })
    await sendOne(Buffer.from(`poison ${round}`))
  }
  async function sendOne(one: SentBatch | Uint8Array): Promise<void> {
    sent.push(one)
    await send(log, one, NOON)
  }
  const run = (faultPoint = '') =>
    runLoader(dataDir, faultPoint, {
      KAFKA_BROKERS: topic.options.brokers.join(),
      KAFKA_TOPIC: topic.options.topic,
      // The group waits for a killed member for that long.
      KAFKA_SESSION_MS: '1500',
    })

  it('killed at each fault point in turn loses nothing and doubles nothing', { timeout: 1_800_000 }, async () => {
    await sendRound(FAULT_POINTS.length)
    expect(await run()).toMatchObject({ code: 0 })
    for (const [round, point] of FAULT_POINTS.entries()) {
      await sendRound(round)
      if (point.includes('index-rebuild')) await rm(processPaths(dataDir).dedupe, { recursive: true, force: true })
      if (point.includes('redo')) expect(await run('after-intent:1')).toMatchObject({ signal: 'SIGKILL' })
      const exit = await run(`${point}:1`)
      expect({ point, ...exit, stderr: exit.signal === 'SIGKILL' ? '' : exit.stderr }).toMatchObject({
        signal: 'SIGKILL',
      })
    }
    expect(await run()).toMatchObject({ code: 0 })
    await expectOracle(dataDir, sent)
  })

  it('on a topic created anew still knows the ids of the old one', async () => {
    await sendRound(0)
    expect(await run()).toMatchObject({ code: 0 })
    await log.close()
    await topic.remove()
    await topic.createAgain()
    log = await openLog({ kind: 'kafka', ...topic.options })
    for (const one of [...sent]) await sendOne(one)
    expect(await run()).toMatchObject({ code: 0 })
    await expectOracle(dataDir, sent)
  })
})
