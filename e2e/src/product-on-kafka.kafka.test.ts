/**
 * The whole product on Kafka by settings alone: clients send and repeat while edge, core and the only broker are killed;
 * what was answered 202 is stored once.
 */
import { createTestTopic } from '@ecomind/event-log/testing/kafka'
import { startKafkaCluster } from '@ecomind/event-log/testing/kafka-cluster'
import { expect, it } from 'vitest'
import { runChaos } from './harness/chaos.ts'
import { expectExactlyOnce, figures, say, startBoth, startClients, withProduct } from './harness/scenario.ts'
import { waitFor } from './harness/wait-for.ts'

const KILLS = 6
const SETTLED_WITHIN_MS = 300_000

it('the product on Kafka loses and doubles nothing while edge, core and broker are killed', {
  timeout: 1_800_000,
}, async () => {
  const cluster = await startKafkaCluster(1)
  try {
    const { options } = await createTestTopic(cluster.brokers, 4)
    const env = {
      KAFKA_BROKERS: options.brokers.join(),
      KAFKA_TOPIC: options.topic,
      KAFKA_SESSION_MS: '1500',
      ECOMIND_LOG_PARTITIONS: '4',
    }
    await withProduct(
      'kafka',
      async (scenario) => {
        const { product, ledger } = scenario
        await startBoth(product)
        const traffic = startClients(scenario)
        const report = await runChaos({ ...scenario, traffic }, KILLS, say)
        expect(report.kills).toBeGreaterThanOrEqual(KILLS)

        const before = traffic.retries()
        await cluster.kill(1)
        await waitFor(
          'refusals while the broker is down',
          () => JSON.stringify(traffic.retries()) !== JSON.stringify(before),
        )
        await cluster.start()
        const copies = ledger.acknowledgedCopies()
        await waitFor('answers after the broker is back', () => ledger.acknowledgedCopies() > copies + 20)
        await traffic.finish()
        const verdict = await expectExactlyOnce(scenario, SETTLED_WITHIN_MS)
        say(`${report.kills} kills (${JSON.stringify(report.acts)}); retries ${JSON.stringify(traffic.retries())}`)
        say(figures(scenario, verdict))
      },
      { env },
    )
  } finally {
    await cluster.remove()
  }
})
