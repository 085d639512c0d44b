/** Several edges and several jobs on one topic, one ClickHouse server and one PostgreSQL: they come and go under traffic. */
import { expect, inject, it } from 'vitest'
import type { Fleet } from './harness/fleet.ts'
import { everyJobLoads, expectFleetExactlyOnce, moreTraffic, sayFigures, withFleet } from './harness/fleet-verdict.ts'
import { ROLLUPS } from './harness/oracle.ts'
import { waitFor } from './harness/wait-for.ts'

it('one to three to one jobs and edges under traffic lose and double nothing', async () => {
  await withFleet('one-three-one', { brokers: inject('kafkaBrokers') }, async (fleet) => {
    // Two at once on an empty database: both bring the tables up to date.
    const [firstEdge, ...firstCores] = await Promise.all([fleet.add('edge'), fleet.add('core'), fleet.add('core')])
    const traffic = fleet.startClients()
    await moreTraffic(fleet, traffic, 300)
    await everyJobLoads(fleet)
    await Promise.all([fleet.add('core'), fleet.add('edge'), fleet.add('edge')])
    await everyJobLoads(fleet)
    await moreTraffic(fleet, traffic, 600)

    // One leaves in order, one is killed.
    await fleet.stop(firstCores[0], 'core')
    await moreTraffic(fleet, traffic, 200)
    await firstCores[1].running('core')?.kill()
    await fleet.stop(firstEdge, 'edge')
    await moreTraffic(fleet, traffic, 300)
    await fleet.running('edge')[0]?.running('edge')?.kill()
    await everyJobLoads(fleet)
    await moreTraffic(fleet, traffic, 300)
    await traffic.finish()
    expect([fleet.running('core').length, fleet.running('edge').length]).toEqual([1, 1])
    sayFigures(fleet, await expectFleetExactlyOnce(fleet), traffic)
  })
})

/** Rows of yesterday and today are gone from every rollup: the check at the start of a job finds it and makes them anew. */
async function damageRollups(fleet: Fleet): Promise<void> {
  for (const { table } of ROLLUPS)
    await fleet.runStatement(
      `ALTER TABLE ecomind.${table} DELETE WHERE window_start >= today() - 1 SETTINGS mutations_sync = 1`,
    )
}

it('rollups that one job makes anew while others load are those of the raw rows', async () => {
  await withFleet('rebuild-while-others-load', { brokers: inject('kafkaBrokers') }, async (fleet) => {
    await Promise.all([fleet.add('edge'), fleet.add('core'), fleet.add('core')])
    const traffic = fleet.startClients(8)
    await everyJobLoads(fleet)
    await moreTraffic(fleet, traffic, 500)
    for (let round = 1; round <= 3; round++) {
      await damageRollups(fleet)
      const job = await fleet.add('core')
      await waitFor('the rollups to be made anew', () => job.output().includes('rollups differed and were rebuilt'))
      await moreTraffic(fleet, traffic, 100)
      await job.running('core')?.kill()
    }
    await everyJobLoads(fleet)
    await traffic.finish()
    sayFigures(fleet, await expectFleetExactlyOnce(fleet), traffic)
  })
})
