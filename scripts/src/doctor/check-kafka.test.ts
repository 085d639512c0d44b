import { describe, expect, test } from 'vitest'
import { kafkaFindings } from './check-kafka.ts'
import { type BrokerTopic, kafkaBroker } from './testing/kafka-broker.ts'
import { closedPort, httpServer, tcpServer } from './testing/small-servers.ts'

const TOPIC = 'ecomind.usage-events.v1'

const RIGHT: BrokerTopic = {
  partitions: [
    [1, 3, 3],
    [2, 3, 3],
  ],
  config: {
    'min.insync.replicas': '2',
    'cleanup.policy': 'delete',
    'retention.ms': '604800000',
    'max.message.bytes': '2097152',
    'unclean.leader.election.enable': 'false',
  },
}

async function find(ports: readonly number[], over: { partitions?: number; secured?: boolean } = {}) {
  const brokers = ports.map((port) => `127.0.0.1:${port}`)
  const findings = await kafkaFindings({
    brokers,
    topic: TOPIC,
    partitions: 2,
    secured: false,
    withinMs: 3000,
    ...over,
  })
  return findings.map(({ name, status, detail }) => `${status} ${name.replaceAll(/:\d+/g, ':PORT')}: ${detail}`)
}

const topicWith = (over: Partial<BrokerTopic>) => kafkaBroker({ ...RIGHT, ...over })

describe('kafkaFindings', () => {
  test('a broker with the topic as it should be is ok', async () => {
    expect(await find([await kafkaBroker(RIGHT)])).toEqual([
      'ok Kafka broker 127.0.0.1:PORT: answers',
      'ok topic ecomind.usage-events.v1: 2 partitions on 3 brokers each',
    ])
  })

  test('one broker of two that is down is a fault of its own; the other is asked for the topic', async () => {
    expect(await find([await closedPort(), await kafkaBroker(RIGHT)])).toEqual([
      expect.stringMatching(/^fault Kafka broker 127.0.0.1:PORT: connect ECONNREFUSED/),
      'ok Kafka broker 127.0.0.1:PORT: answers',
      'ok topic ecomind.usage-events.v1: 2 partitions on 3 brokers each',
    ])
  })

  test('a web server on that port is told from a broker', async () => {
    const [line] = await find([await httpServer(() => ({ body: 'hello' }))])
    expect(line).toMatch(/^fault Kafka broker .*(doesn't speak Kafka|hung up|connected)/)
  })

  test('a listener that is silent in plain text is fine only when sign-in or TLS is set', async () => {
    const silent = await tcpServer(null)
    const question = { brokers: [`127.0.0.1:${silent}`], topic: TOPIC, partitions: 2, withinMs: 100 }
    const [plain] = await kafkaFindings({ ...question, secured: false })
    expect(plain).toMatchObject({ status: 'fault', mend: expect.stringContaining('TLS or sign-in') })
    const [secured] = await kafkaFindings({ ...question, secured: true })
    expect(secured).toMatchObject({ status: 'ok' })
  })

  test('a topic that is missing says how to make it', async () => {
    const port = await kafkaBroker(null)
    const findings = await kafkaFindings({
      brokers: [`127.0.0.1:${port}`],
      topic: TOPIC,
      partitions: 2,
      secured: false,
      withinMs: 3000,
    })
    expect(findings[1]).toMatchObject({ status: 'warning', mend: expect.stringContaining('npm run topics') })
  })

  test('another number of partitions is a fault, never to be mended in place', async () => {
    expect(await find([await kafkaBroker(RIGHT)], { partitions: 8 })).toContain(
      'fault topic ecomind.usage-events.v1: partitions: it has 2, the settings say 8',
    )
  })

  test.each([
    ['min.insync.replicas', '1', 'warning'],
    ['min.insync.replicas', '4', 'fault'],
    ['cleanup.policy', 'compact', 'fault'],
    ['retention.ms', '3600000', 'warning'],
    ['max.message.bytes', '500000', 'fault'],
    ['unclean.leader.election.enable', 'true', 'fault'],
  ])('%s = %s is a %s', async (name, value, status) => {
    const port = await topicWith({ config: { ...RIGHT.config, [name]: value } })
    expect(await find([port])).toContainEqual(expect.stringMatching(`^${status} topic [^ ]+: ${name}: ${value}: `))
  })

  test('retention without end is fine', async () => {
    const port = await topicWith({ config: { ...RIGHT.config, 'retention.ms': '-1' } })
    expect(await find([port])).toHaveLength(2)
  })

  test('partitions without a leader, behind, or with one copy are told', async () => {
    const headless = await topicWith({ partitions: [[-1, 3, 0], [1, 3, 2]] }) // biome-ignore format: one row each
    expect(await find([headless])).toEqual([
      expect.any(String),
      'fault topic ecomind.usage-events.v1: leaders: 1 partitions have none',
      'warning topic ecomind.usage-events.v1: replicas: 2 partitions have fewer in sync than they should',
    ])
    const single = await topicWith({ partitions: [[1, 1, 1], [1, 1, 1]], config: { 'min.insync.replicas': '1' } }) // biome-ignore format: one row each
    expect(await find([single])).toContainEqual(expect.stringMatching(/^warning .*: replication: one copy/))
  })
})
