/**
 * Kafka that wants a sign-in or TLS: asked through the client of the log, because the doctor's own questions are plain
 * text. Signs in as edges and jobs do and looks at the topic; changes nothing.
 */
import { describeTopic, type KafkaTarget, kafkaSettings, kafkaTarget, openAdmin } from '@ecomind/event-log'
import { USAGE_TOPIC } from '@ecomind/schemas'
import { z } from 'zod'
import { type Finding, fault, ok, warning } from './finding.ts'
import { firstLine } from './run-checks.ts'

export interface SecuredKafkaQuestion {
  readonly kafka: KafkaTarget
  /** What ECOMIND_LOG_PARTITIONS says. */
  readonly partitions: number
  readonly withinMs: number
}

/** Null without sign-in and TLS, and where the settings are faulty: the check of settings tells those. */
export function securedKafka(env: NodeJS.ProcessEnv): KafkaTarget | null {
  const given = Object.fromEntries(Object.entries(env).filter(([, text]) => text !== ''))
  const parsed = z.object(kafkaSettings).safeParse(given)
  const kafka = parsed.success ? kafkaTarget(parsed.data, USAGE_TOPIC).kafka : null
  return kafka === null || (kafka.tls === null && kafka.sasl === null) ? null : kafka
}

const NAME = 'Kafka sign-in and TLS'

export async function securedKafkaFindings(question: SecuredKafkaQuestion): Promise<readonly Finding[]> {
  const { kafka, withinMs } = question
  const heard: string[] = []
  let own: ReturnType<typeof openAdmin>
  try {
    own = openAdmin(kafka, (text) => heard.push(text))
  } catch (error) {
    return [warning(NAME, `not tried: ${firstLine(error)}`, 'build the client: ops/provision/kafka-client.sh')]
  }
  try {
    const found = await describeTopic(own.admin, kafka.topic, withinMs)
    return [ok(NAME, `${kafka.brokers.join(', ')} let us in`), topicFinding(found?.partitions ?? null, question)]
  } catch (error) {
    const why = heard.find((text) => /ssl|sasl|auth|certificate/i.test(text)) ?? heard[0] ?? firstLine(error)
    const mend = 'mend KAFKA_SASL_*, KAFKA_TLS and KAFKA_CA_FILE: each must be what this listener of the broker wants'
    return [fault(NAME, why, mend)]
  } finally {
    own.close()
  }
}

function topicFinding(found: number | null, { kafka: { topic }, partitions }: SecuredKafkaQuestion): Finding {
  if (found === null) return warning(`topic ${topic}`, 'is not there, or not for us', 'make it with: npm run topics')
  if (found === partitions) return ok(`topic ${topic}`, `${found} partitions; its settings are not to be read this way`)
  const mend = `set ECOMIND_LOG_PARTITIONS to ${found}; a wider topic is a new one (docs/scaling.md)`
  return fault(`topic ${topic}: partitions`, `it has ${found}, the settings say ${partitions}`, mend)
}
