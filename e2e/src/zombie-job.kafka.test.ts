/**
 * A job that stands still beyond its session in the middle of a batch: another one does the batch again, and when the
 * first goes on it is fenced, with its insert still under way.
 */
import { expect, inject, it } from 'vitest'
import type { Fleet } from './harness/fleet.ts'
import {
  everyJobLoads,
  expectFleetExactlyOnce,
  FLEET_TIMEOUT_MS,
  loaderOf,
  moreTraffic,
  sayFigures,
  withFleet,
} from './harness/fleet-verdict.ts'
import type { Product } from './harness/product.ts'
import { say } from './harness/scenario.ts'
import { waitFor } from './harness/wait-for.ts'

/** All questions of a frozen job would hang: it is looked at before. */
async function jobWithOpenBatch(fleet: Fleet): Promise<Product> {
  return await waitFor('a job to be in the middle of a batch', async () => {
    for (const job of fleet.running('core')) {
      if ((await loaderOf(job)).partitions.some((p) => p.openIntent)) return job
    }
    return null
  })
}

it('a job stopped in mid-batch for longer than its session is fenced when it goes on; nothing is lost or doubled', {
  timeout: FLEET_TIMEOUT_MS,
}, async () => {
  const options = { brokers: inject('kafkaBrokers') }
  await withFleet('zombie-job', options, async (fleet) => {
    await Promise.all([fleet.add('edge'), fleet.add('core'), fleet.add('core')])
    const traffic = fleet.startClients()
    await everyJobLoads(fleet)
    for (const fault of ['black-hole', 'slow'] as const) {
      // The server says nothing, or is slow: batches stay open until the job is frozen.
      fleet.proxy.harm(fault === 'slow' ? { kind: 'slow', chunkMs: 50 } : { kind: fault })
      const zombie = await jobWithOpenBatch(fleet)
      const redone = fleet.output().split('open intent found').length
      zombie.running('core')?.signal('SIGSTOP')
      fleet.proxy.harm(null)
      const other = fleet.running('core').find((job) => job !== zombie)
      if (other === undefined) throw new Error('two jobs are wanted')
      await waitFor('the other job to load all partitions', async () => {
        const { partitions } = await loaderOf(other)
        return partitions.filter((p) => p.phase === 'loading').length === 4
      })
      await moreTraffic(fleet, traffic, 100)
      expect(fleet.output().split('open intent found').length).toBeGreaterThan(redone)
      zombie.running('core')?.signal('SIGCONT')
      await everyJobLoads(fleet)
      say(
        `${fault}: ${zombie.output().split('went to another member').length - 1} partitions of the zombie were fenced`,
      )
      await moreTraffic(fleet, traffic, 100)
    }
    await traffic.finish()
    sayFigures(fleet, await expectFleetExactlyOnce(fleet), traffic)
  })
})
