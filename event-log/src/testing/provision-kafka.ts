/**
 * Before the tests of the vitest project `kafka`: builds the client if need be, and starts one node for all tests that
 * break nothing, unless KAFKA_TEST_BROKERS names brokers that may be filled with topics.
 */
import type { TestProject } from 'vitest/node'
import { provision, startKafkaCluster } from './kafka-cluster.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly kafkaBrokers: readonly string[]
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await provision('kafka-client.sh')
  const given = process.env['KAFKA_TEST_BROKERS']
  if (given !== undefined && given !== '') {
    project.provide('kafkaBrokers', given.split(','))
    return async () => undefined
  }
  const cluster = await startKafkaCluster(1)
  project.provide('kafkaBrokers', [...cluster.brokers])
  return cluster.remove
}
