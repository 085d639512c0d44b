/** Asks of a command, over a connection of its own. */
import type { KafkaAdmin } from './kafka-client.ts'
import { adminConfig, type KafkaConnection } from './kafka-options.ts'
import { loadKafkaClient } from './load-kafka-client.ts'

export interface OwnAdmin {
  readonly admin: KafkaAdmin
  close(): void
}

/** Nothing is asked yet, so unreachable brokers are noticed by the first question. @throws LogUnavailableError */
export function openAdmin(connection: KafkaConnection): OwnAdmin {
  const admin = loadKafkaClient(connection.clientDir).AdminClient.create(adminConfig(connection))
  return { admin, close: () => admin.disconnect() }
}
