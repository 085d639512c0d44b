/** Asks of a command, over a connection of its own. */
import type { KafkaAdmin } from './kafka-client.ts'
import { adminConfig, type KafkaConnection } from './kafka-options.ts'
import { loadKafkaClient } from './load-kafka-client.ts'

export interface OwnAdmin {
  readonly admin: KafkaAdmin
  close(): void
}

/**
 * Nothing is asked yet, so unreachable brokers are noticed by the first question; why they are, such as a refused sign-in,
 * is told to `onFault` meanwhile, often more than once. @throws LogUnavailableError when the client can't be loaded
 */
export function openAdmin(connection: KafkaConnection, onFault: (text: string) => void = () => undefined): OwnAdmin {
  const { AdminClient } = loadKafkaClient(connection.clientDir)
  const admin = AdminClient.create(adminConfig(connection), { 'event.error': ({ message }) => onFault(message) })
  return { admin, close: () => admin.disconnect() }
}
