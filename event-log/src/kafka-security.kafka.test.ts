/** A real broker that wants a sign-in, with and without TLS: the settings of the connection do what they say. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type EventLog, LogUnavailableError } from './event-log.ts'
import { openAdmin } from './kafka-admin.ts'
import { openKafkaLog } from './kafka-log.ts'
import { kafkaSettings, kafkaTarget } from './kafka-settings.ts'
import { ensureTopic } from './kafka-topic.ts'
import { provision } from './testing/kafka-cluster.ts'

type Env = Readonly<Record<string, string>>

let dir: string
let sasl: Env
let tls: Env
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-kafka-secured-'))
  await provision('kafka.sh', 'start', '--secured', 'yes', '--dir', dir)
  const brokersOf = async (listener: string) =>
    `127.0.0.1:${(await readFile(join(dir, `node-1/${listener}-port`), 'utf8')).trim()}`
  const user = { KAFKA_SASL_USERNAME: 'ecomind', KAFKA_SASL_PASSWORD_FILE: join(dir, 'password') }
  sasl = { ...user, KAFKA_BROKERS: await brokersOf('sasl') }
  tls = { ...user, KAFKA_BROKERS: await brokersOf('tls'), KAFKA_TLS: 'true', KAFKA_CA_FILE: join(dir, 'tls/ca.pem') }
})
afterAll(async () => {
  await provision('kafka.sh', 'stop', '--dir', dir)
  await rm(dir, { recursive: true, force: true })
})

function connection(env: Env) {
  const { kafka, faults } = kafkaTarget(z.object(kafkaSettings).parse(env), 'secured')
  if (kafka === null) throw new Error(faults.join())
  return kafka
}

/** Topic, log and group: all three kinds of connection. */
async function roundTrip(env: Env): Promise<string | undefined> {
  const kafka = connection(env)
  const own = openAdmin(kafka)
  const wanted = { topic: kafka.topic, partitions: 1, replicationFactor: 1, config: {} }
  await ensureTopic(own.admin, wanted, 20_000)
  own.close()
  const log: EventLog = await openKafkaLog({ ...kafka, partitions: 1 })
  try {
    const text = `sent ${performance.now()}`
    const offset = await log.append(0, [{ value: Buffer.from(text), arrivedAtMs: Date.now() }])
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
    expect(await roundTrip({ ...sasl, KAFKA_SASL_MECHANISM: mechanism })).toBe('read back')
    expect(await roundTrip({ ...tls, KAFKA_SASL_MECHANISM: mechanism })).toBe('read back')
  })

  test('takes a certificate of ours', async () => {
    const ours = { KAFKA_CERT_FILE: join(dir, 'tls/client.pem'), KAFKA_KEY_FILE: join(dir, 'tls/client.key') }
    expect(await roundTrip({ ...tls, ...ours, KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512' })).toBe('read back')
  })

  test('is not opened with a wrong password, an unknown authority, or in plain text', async () => {
    const wrong = join(dir, 'wrong')
    await writeFile(wrong, 'not-the-password\n')
    const { KAFKA_CA_FILE: _, ...unknownAuthority } = tls
    const { KAFKA_BROKERS } = sasl
    const attempts: readonly Env[] = [
      { ...sasl, KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512', KAFKA_SASL_PASSWORD_FILE: wrong },
      { ...unknownAuthority, KAFKA_SASL_MECHANISM: 'PLAIN' },
      { KAFKA_BROKERS: KAFKA_BROKERS ?? '' },
    ]
    for (const env of attempts) {
      const opening = openKafkaLog({ ...connection(env), partitions: 1, answerTimeoutMs: 3_000 })
      await expect(opening).rejects.toThrow(LogUnavailableError)
      await expect(opening).rejects.not.toThrow(/not-the-password/)
    }
  })
})
