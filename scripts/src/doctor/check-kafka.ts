/** Kafka: every broker of the setting is reachable, and the topic keeps what was acknowledged. */
import { NoAnswerError } from './ask-tcp.ts'
import { type Finding, fault, ok, warning } from './finding.ts'
import { judgeTopic } from './judge-topic.ts'
import { askPartitions, askTopicConfig, askVersions, type Broker } from './kafka-wire.ts'
import { firstLine } from './run-checks.ts'

export interface KafkaQuestion {
  /** host:port each. */
  readonly brokers: readonly string[]
  readonly topic: string
  /** What ECOMIND_LOG_PARTITIONS says. */
  readonly partitions: number
  /** Sign-in or TLS is set: such a broker is only reached here, and asked by check-secured-kafka.ts. */
  readonly secured: boolean
  readonly withinMs: number
}

const PORT = 9092

export async function kafkaFindings(question: KafkaQuestion): Promise<readonly Finding[]> {
  const asked = await Promise.all(question.brokers.map((address) => askBroker(address, question)))
  const speaking = asked.find(({ plain }) => plain !== null)?.plain ?? null
  const findings = asked.map(({ finding }) => finding)
  return speaking === null || question.secured ? findings : [...findings, ...(await topicFindings(speaking, question))]
}

/** `plain`: the broker, when it can be asked more in plain text. */
async function askBroker(
  address: string,
  { secured, withinMs }: KafkaQuestion,
): Promise<{ readonly finding: Finding; readonly plain: Broker | null }> {
  const name = `Kafka broker ${address}`
  const broker = parseBroker(address)
  if (broker === null) return { finding: fault(name, 'it is not host:port', 'mend KAFKA_BROKERS'), plain: null }
  try {
    await askVersions(broker, withinMs)
    return { finding: ok(name, 'answers'), plain: broker }
  } catch (error) {
    if (!(error instanceof NoAnswerError)) {
      const mend = 'start it, or mend KAFKA_BROKERS; one that answers is enough to start with'
      return { finding: fault(name, firstLine(error), mend), plain: null }
    }
    if (secured) return { finding: ok(name, 'is reachable'), plain: null }
    const mend = 'it may want TLS or sign-in, or be no Kafka at all: set those, or mend KAFKA_BROKERS'
    return { finding: fault(name, firstLine(error), mend), plain: null }
  }
}

/** Also [::1]:9092. */
function parseBroker(address: string): Broker | null {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(address)
  const host = match?.[1] ?? match?.[2]
  return host === undefined ? null : { host, port: Number(match?.[3] ?? PORT) }
}

async function topicFindings(
  broker: Broker,
  { topic, partitions, withinMs }: KafkaQuestion,
): Promise<readonly Finding[]> {
  const name = `topic ${topic}`
  try {
    const found = await askPartitions(broker, topic, withinMs)
    if (found === null) return [warning(name, 'is not there', 'make it with: npm run topics')]
    const config = await askTopicConfig(broker, topic, withinMs)
    return judgeTopic({ topic, found, config, wantedPartitions: partitions })
  } catch (error) {
    return [warning(name, firstLine(error), 'look at it with kafka-topics.sh --describe')]
  }
}
