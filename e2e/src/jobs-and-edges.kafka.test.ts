/** Several edges and several jobs on one topic, one ClickHouse server and one PostgreSQL: they come and go under traffic. */
import { expect, inject, it } from 'vitest'
import {
  everyJobLoads,
  expectFleetExactlyOnce,
  FLEET_TIMEOUT_MS,
  moreTraffic,
  sayFigures,
  withFleet,
} from './harness/fleet-verdict.ts'

it('one to three to one jobs and edges under traffic lose and double nothing', {
  timeout: FLEET_TIMEOUT_MS,
}, async () => {
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
