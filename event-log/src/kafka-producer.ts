/** A connected producer; one that has come to a fatal end is replaced by a new one. */
import { answered, type KafkaAdmin, type KafkaClient, type KafkaFault, type KafkaProducer } from './kafka-client.ts'
import { FATAL, unavailable } from './kafka-errors.ts'
import { type KafkaRules, producerConfig } from './kafka-options.ts'

export type OnDelivery = (fault: KafkaFault | null, opaque: unknown, offset: number) => void

export interface ProducerSlot {
  /** @throws LogUnavailableError while a new producer is being connected */
  current(): KafkaProducer
  /** Asks over the producer's connections. @throws LogUnavailableError */
  admin(): KafkaAdmin
  close(): Promise<void>
}

export interface ProducerSlotOptions {
  readonly client: KafkaClient
  readonly rules: KafkaRules
  readonly onDelivery: OnDelivery
  /** The producer has ended: what it had not reported may be stored or not. Its successor is under way. */
  readonly onLost: (fault: KafkaFault) => void
}

const RENEW_PAUSE_MS = 1_000

/** @throws LogUnavailableError when no broker answers */
export async function openProducer(options: ProducerSlotOptions): Promise<ProducerSlot> {
  let producer: KafkaProducer | null = null
  let admin: KafkaAdmin | null = null
  let closed = false

  async function connect(): Promise<void> {
    const { client, rules, onDelivery } = options
    const created = new client.Producer(producerConfig(rules))
    created.on('event.error', (fault) => {
      rules.onFault(`producer: ${fault.message}`)
      if (fault.code === FATAL && created === producer) void renew(created, fault)
    })
    created.on('delivery-report', (fault, report) => onDelivery(fault, report.opaque, report.offset))
    try {
      await answered((answer) => created.connect({ timeout: rules.answerTimeoutMs }, answer))
    } catch (error) {
      throw unavailable(`Open log: no answer from ${rules.brokers.join(', ')}`, error)
    }
    created.setPollInBackground(true)
    admin = client.AdminClient.createFrom(created)
    producer = created
  }

  /** An idempotent producer that has lost its place in the sequence refuses everything from then on. */
  async function renew(ended: KafkaProducer, fault: KafkaFault): Promise<void> {
    producer = null
    admin = null
    options.onLost(fault)
    ended.disconnect(() => undefined)
    while (!closed && producer === null) {
      try {
        await connect()
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RENEW_PAUSE_MS))
      }
    }
  }

  function current(): KafkaProducer {
    if (producer === null) throw unavailable('Append', 'the producer is being connected anew')
    return producer
  }

  await connect()
  return {
    current,
    admin: () => {
      if (admin === null) throw unavailable('Ask Kafka', 'the connection is being made anew')
      return admin
    },
    close: async () => {
      closed = true
      const last = producer
      producer = null
      admin = null
      if (last !== null) await answered((answer) => last.disconnect(answer))
    },
  }
}
