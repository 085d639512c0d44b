/** A broker that stands still, is slow, or can't be reached: a TCP proxy stands between it and all edges and jobs. */
import { openTcpProxy, type ProxyFault, type TcpProxy } from '@ecomind/clickhouse/testing'
import { type KafkaCluster, startKafkaCluster } from '@ecomind/event-log/testing/kafka-cluster'
import { afterAll, beforeAll, it } from 'vitest'
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

let proxy: TcpProxy
let cluster: KafkaCluster
beforeAll(async () => {
  proxy = await openTcpProxy(0)
  cluster = await startKafkaCluster(1, { advertise: proxy.port })
  proxy.target(Number(cluster.brokers[0]?.split(':')[1]))
})
afterAll(async () => {
  await cluster?.remove()
  await proxy?.close()
})

/** The edges say 503 in the end, and take events again by themselves when it is over. */
async function untilRefused(traffic: Traffic): Promise<void> {
  const before = traffic.retries()['503'] ?? 0
  await waitFor('clients to be refused with 503', () => (traffic.retries()['503'] ?? 0) > before, { timeoutMs: 90_000 })
}

async function harm(fleet: Fleet, traffic: Traffic, fault: ProxyFault): Promise<void> {
  proxy.harm(fault)
  if (fault.kind === 'slow') await moreTraffic(fleet, traffic, 60)
  else await untilRefused(traffic)
  proxy.harm(null)
  await moreTraffic(fleet, traffic, 60)
}

it('a broker that is slow, cut off, unreachable or stopped refuses with 503 and loses and doubles nothing', {
  timeout: FLEET_TIMEOUT_MS,
}, async () => {
  await withFleet('broken-network', { brokers: [`127.0.0.1:${proxy.port}`] }, async (fleet) => {
    await Promise.all([fleet.add('edge'), fleet.add('edge'), fleet.add('core'), fleet.add('core')])
    const traffic = fleet.startClients(4)
    await everyJobLoads(fleet)
    for (const fault of fleet.random.shuffled<ProxyFault>([
      { kind: 'slow', chunkMs: 60 },
      { kind: 'black-hole' },
      { kind: 'refuse' },
    ])) {
      await harm(fleet, traffic, fault)
      say(`${fault.kind}: retries ${JSON.stringify(traffic.retries())}`)
    }
    await cluster.signal(1, 'SIGSTOP')
    await untilRefused(traffic)
    await cluster.signal(1, 'SIGCONT')
    await moreTraffic(fleet, traffic, 60)
    await everyJobLoads(fleet)
    await traffic.finish()
    sayFigures(fleet, await expectFleetExactlyOnce(fleet), traffic)
  })
})
