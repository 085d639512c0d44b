/** The doctor against a real broker that wants a sign-in. */
import { ensureTopic, kafkaSettings, kafkaTarget, openAdmin } from '@ecomind/event-log'
import { type SecuredKafka, startSecuredKafka } from '@ecomind/event-log/testing/kafka-secured'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { securedKafkaFindings } from './check-secured-kafka.ts'

const SCRAM = { KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512' }

let kafka: SecuredKafka
beforeAll(async () => {
  kafka = await startSecuredKafka()
})
afterAll(() => kafka?.remove())

function target(env: Readonly<Record<string, string>>) {
  const { kafka: found, faults } = kafkaTarget(z.object(kafkaSettings).parse(env), 'doctored')
  if (found === null) throw new Error(faults.join())
  return found
}
async function find(env: Readonly<Record<string, string>>, partitions = 2): Promise<readonly string[]> {
  const findings = await securedKafkaFindings({ kafka: target(env), partitions, withinMs: 5_000 })
  return findings.map(({ status, name, detail }) => `${status} ${name}: ${detail}`)
}

describe('securedKafkaFindings', () => {
  test('says that sign-in works, and how the topic is', async () => {
    const settings = { ...kafka.tls, ...SCRAM }
    expect(await find(settings)).toEqual([
      expect.stringMatching(/^ok Kafka sign-in and TLS: .* let us in$/),
      expect.stringMatching(/^warning topic doctored: is not there/),
    ])
    const own = openAdmin(target(settings))
    await ensureTopic(own.admin, { topic: 'doctored', partitions: 2, replicationFactor: 1, config: {} }, 20_000)
    own.close()
    expect((await find(settings))[1]).toMatch(/^ok topic doctored: 2 partitions/)
    expect((await find({ ...kafka.sasl, ...SCRAM }, 4))[1]).toMatch(/^fault topic doctored: partitions: it has 2/)
  })

  test('says why it is not let in, without the password', async () => {
    const wrong = { ...kafka.sasl, ...SCRAM, KAFKA_SASL_PASSWORD_FILE: kafka.wrongPasswordFile }
    const { KAFKA_CA_FILE: _, ...unknownAuthority } = kafka.tls
    const refused = [...(await find(wrong)), ...(await find({ ...unknownAuthority, ...SCRAM }))]
    expect(refused).toEqual([
      expect.stringMatching(/^fault Kafka sign-in and TLS: .*authentication/i),
      expect.stringMatching(/^fault Kafka sign-in and TLS: .*(ssl|certificate)/i),
    ])
    expect(refused.join()).not.toContain('not-the-password')
  })
})
