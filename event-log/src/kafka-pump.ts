/**
 * Takes from a consumer's queue whatever is there. The queue says when it stops being empty; it is then emptied without
 * waiting, so that no thread of Node's pool is held while nothing comes. A look now and then makes sure that a consumer
 * with nothing to do counts as alive.
 */
import { answered, type KafkaConsumer, type KafkaFault, type KafkaMessage } from './kafka-client.ts'

export interface Pump {
  /** Empties the queue; joins a run under way. Resolves when the queue was empty or nothing more is wanted. */
  run(): Promise<void>
  /** Resolves when nothing is under way any more. */
  stop(): Promise<void>
}

export interface PumpRules {
  readonly consumer: KafkaConsumer
  readonly wanted: () => boolean
  readonly onMessages: (messages: readonly KafkaMessage[]) => void
  readonly onFault: (fault: KafkaFault) => void
}

const MESSAGES_AT_ONCE = 200
const LOOK_EVERY_MS = 250
/** Each fault takes one entry off the queue; a client that has ended gives the same one for ever: until the next look. */
const FAULTS_IN_A_ROW = 20

export function createPump({ consumer, wanted, onMessages, onFault }: PumpRules): Pump {
  let underWay: Promise<void> | null = null
  let again = false
  let stopped = false
  const timer = setInterval(() => void run(), LOOK_EVERY_MS)
  timer.unref()

  async function empty(): Promise<void> {
    let faults = 0
    do {
      again = false
      while (!stopped && wanted() && faults < FAULTS_IN_A_ROW) {
        try {
          const messages = await answered<readonly KafkaMessage[]>((answer) =>
            consumer.consume(MESSAGES_AT_ONCE, answer),
          )
          if (messages.length === 0) break
          faults = 0
          onMessages(messages)
        } catch (error) {
          faults++
          onFault(error as KafkaFault)
        }
      }
    } while (again && !stopped && faults < FAULTS_IN_A_ROW)
  }

  function run(): Promise<void> {
    if (stopped) return underWay ?? Promise.resolve()
    again = true
    underWay ??= empty().finally(() => {
      underWay = null
    })
    return underWay
  }

  return {
    run,
    stop: async () => {
      stopped = true
      clearInterval(timer)
      await underWay
    },
  }
}
