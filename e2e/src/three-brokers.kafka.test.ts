/** A cluster of three brokers under the whole path: one dies, and then everything there is restarts, one after the other. */
import { type KafkaCluster, startKafkaCluster } from '@ecomind/event-log/testing/kafka-cluster'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fleet } from './harness/fleet.ts'
import {
  everyJobLoads,
  expectFleetExactlyOnce,
  FLEET_TIMEOUT_MS,
  moreTraffic,
  sayFigures,
  withFleet,
} from './harness/fleet-verdict.ts'
import { say } from './harness/scenario.ts'
import type { Traffic } from './harness/traffic.ts'
import { waitFor } from './harness/wait-for.ts'

/** Seen: 9 to 10 s until every partition has another leader; the edge tries an append for 15 s. */
const NO_ANSWER_MS_MAX = 30_000
const PARTITIONS = 4

let cluster: KafkaCluster
beforeAll(async () => {
  cluster = await startKafkaCluster(3)
})
afterAll(async () => await cluster?.remove())

const options = () => ({
  brokers: cluster.brokers,
  replicas: 3,
  partitions: PARTITIONS,
  topic: { 'min.insync.replicas': '2' },
})

async function inStep(fleet: Fleet): Promise<void> {
  await waitFor('three copies in step', () => fleet.topic.isInStep(3), { timeoutMs: 120_000, everyMs: 500 })
}

/** The longest time in which no client was answered, while `during` runs. */
async function longestSilence(fleet: Fleet, during: () => Promise<void>): Promise<number> {
  let [longest, copies, since] = [0, fleet.ledger.acknowledgedCopies(), performance.now()]
  const timer = setInterval(() => {
    const now = fleet.ledger.acknowledgedCopies()
    longest = Math.max(longest, performance.now() - since)
    if (now !== copies) [copies, since] = [now, performance.now()]
  }, 50)
  await during().finally(() => clearInterval(timer))
  return longest
}

async function start(fleet: Fleet): Promise<Traffic> {
  await Promise.all([fleet.add('edge'), fleet.add('edge'), fleet.add('core'), fleet.add('core')])
  const traffic = fleet.startClients()
  await everyJobLoads(fleet)
  return traffic
}

describe('the product on three brokers', () => {
  it('whose leader is killed answers again within seconds, loses and doubles nothing', {
    timeout: FLEET_TIMEOUT_MS,
  }, async () => {
    await withFleet('leader-killed', options(), async (fleet) => {
      const traffic = await start(fleet)
      // Four partitions on three brokers: each leads one.
      const silentMs = await longestSilence(fleet, async () => {
        await cluster.kill(1)
        await moreTraffic(fleet, traffic, 300)
      })
      say(`no client was answered for ${Math.round(silentMs)} ms; retries ${JSON.stringify(traffic.retries())}`)
      expect(silentMs).toBeLessThan(NO_ANSWER_MS_MAX)
      await cluster.start()
      await inStep(fleet)
      await traffic.finish()
      sayFigures(fleet, await expectFleetExactlyOnce(fleet), traffic)
    })
  })

  it('restarts edge by edge, job by job, broker by broker, with database and control store, under load: lost 0, doubled 0', {
    timeout: FLEET_TIMEOUT_MS,
  }, async () => {
    await withFleet('rolling-restart', options(), async (fleet) => {
      const traffic = await start(fleet)
      for (const role of ['edge', 'core'] as const) {
        for (const member of fleet.running(role)) {
          await fleet.stop(member, role)
          await moreTraffic(fleet, traffic, 40)
          await fleet.start(member, role)
        }
      }
      await everyJobLoads(fleet)
      for (const node of [1, 2, 3]) {
        await cluster.stop(node)
        await moreTraffic(fleet, traffic, 100)
        await cluster.start()
        await inStep(fleet)
      }
      await fleet.restartFront('close')
      await moreTraffic(fleet, traffic, 40)
      await fleet.postgres.stop()
      await moreTraffic(fleet, traffic, 40)
      await fleet.postgres.start()
      await everyJobLoads(fleet)
      await moreTraffic(fleet, traffic, 40)
      await traffic.finish()
      sayFigures(fleet, await expectFleetExactlyOnce(fleet), traffic)
    })
  })
})
