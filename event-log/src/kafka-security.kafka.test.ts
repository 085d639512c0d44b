/** A real broker that wants a sign-in, with and without TLS: the settings of the connection do what they say. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { appendAt } from './contract-tools.ts'
import { type EventLog, LogUnavailableError } from './event-log.ts'
import { openAdmin } from './kafka-admin.ts'
import { openKafkaLog } from './kafka-log.ts'
import { kafkaSettings, kafkaTarget } from './kafka-settings.ts'
import { ensureTopic } from './kafka-topic.ts'
import { type SecuredKafka, startSecuredKafka } from './testing/kafka-secured.ts'

type Env = Readonly<Record<string, string>>

let kafka: SecuredKafka
beforeAll(async () => {
  kafka = await startSecuredKafka()
})
afterAll(() => kafka?.remove())

function connection(env: Env) {
  const { kafka: target, faults } = kafkaTarget(z.object(kafkaSettings).parse(env), 'secured')
  if (target === null) throw new Error(faults.join())
  return target
}

/** Topic, log and group: all three kinds of connection. */
async function roundTrip(env: Env): Promise<string | undefined> {
  const target = connection(env)
  const own = openAdmin(target)
  const wanted = { topic: target.topic, partitions: 1, replicationFactor: 1, config: {} }
  await ensureTopic(own.admin, wanted, 20_000)
  own.close()
  const log: EventLog = await openKafkaLog({ ...target, partitions: 1 })
  try {
    const text = `sent ${performance.now()}`
    const offset = await appendAt(log, 0, [{ value: Buffer.from(text), arrivedAtMs: Date.now() }])
    const member = await log.join('secured', { onAssigned: () => undefined, onRevoked: async () => undefined })
    const [record] = await member.read(0, offset, { maxRecords: 1, maxBytes: 1e6, waitMs: 20_000 })
    await member.commit(0, offset + 1, 'kept')
    expect(await member.committed(0)).toEqual({ offset: offset + 1, note: 'kept' })
    await member.leave()
    return record !== undefined && Buffer.from(record.value).toString() === text ? 'read back' : 'lost'
  } finally {
    await log.close()
  }
}

describe('a Kafka that wants a sign-in', () => {
  test.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])('takes %s, in plain text and under TLS', async (mechanism) => {
    expect(await roundTrip({ ...kafka.sasl, KAFKA_SASL_MECHANISM: mechanism })).toBe('read back')
    expect(await roundTrip({ ...kafka.tls, KAFKA_SASL_MECHANISM: mechanism })).toBe('read back')
  })

  test('takes a certificate of ours', async () => {
    expect(await roundTrip({ ...kafka.tls, ...kafka.certificate, KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512' })).toBe(
      'read back',
    )
  })

  test('is not opened with a wrong password, an unknown authority, or in plain text', async () => {
    const { KAFKA_CA_FILE: _, ...unknownAuthority } = kafka.tls
    const attempts: readonly Env[] = [
      { ...kafka.sasl, KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512', KAFKA_SASL_PASSWORD_FILE: kafka.wrongPasswordFile },
      { ...unknownAuthority, KAFKA_SASL_MECHANISM: 'PLAIN' },
      { KAFKA_BROKERS: kafka.sasl['KAFKA_BROKERS'] ?? '' },
    ]
    for (const env of attempts) {
      const opening = openKafkaLog({ ...connection(env), partitions: 1, answerTimeoutMs: 3_000 })
      await expect(opening).rejects.toThrow(LogUnavailableError)
      await expect(opening).rejects.not.toThrow(/not-the-password/)
    }
  })
})
