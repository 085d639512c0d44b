/** The disk of the only broker is full: Kafka gives up. Nothing is lost, and room and a start are all that it takes. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startKafkaCluster } from '@ecomind/event-log/testing/kafka-cluster'
import { it } from 'vitest'
import {
  expectFleetExactlyOnce,
  FLEET_TIMEOUT_MS,
  moreTraffic,
  sayFigures,
  withFleet,
} from './harness/fleet-verdict.ts'
import { mayMount, mountSmallDisk } from './harness/small-disk.ts'
import { waitFor } from './harness/wait-for.ts'

const DISK_MEGABYTES = 96

it.skipIf(!mayMount())(
  'a broker whose disk is full refuses with 503, loses and doubles nothing',
  { timeout: FLEET_TIMEOUT_MS },
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'ecomind-full-broker-'))
    const disk = await mountSmallDisk(dir, DISK_MEGABYTES)
    try {
      const cluster = await startKafkaCluster(1, { dir })
      try {
        await withFleet('full-broker', { brokers: cluster.brokers }, async (fleet) => {
          await Promise.all([fleet.add('edge'), fleet.add('core')])
          const traffic = fleet.startClients()
          await moreTraffic(fleet, traffic, 100)
          await disk.fill(16_384)
          await waitFor('clients to be refused with 503', () => (traffic.retries()['503'] ?? 0) > 0, {
            timeoutMs: 120_000,
            abortWhen: traffic.failure,
          })
          await disk.free()
          // It gives up by itself, sooner or later, and must not do so behind its start.
          await cluster.kill(1)
          await cluster.start()
          await moreTraffic(fleet, traffic, 100)
          await traffic.finish()
          sayFigures(fleet, await expectFleetExactlyOnce(fleet), traffic)
        })
      } finally {
        await cluster.remove()
      }
    } finally {
      await disk.unmount()
      await rm(dir, { recursive: true, force: true })
    }
  },
)
