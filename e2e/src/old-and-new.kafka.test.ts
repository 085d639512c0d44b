/** A rolling upgrade: edges and jobs of the version before and of this one, side by side on one topic and one database. */
import { expect, inject, it } from 'vitest'
import type { Fleet } from './harness/fleet.ts'
import {
  everyJobLoads,
  expectFleetExactlyOnce,
  FLEET_TIMEOUT_MS,
  moreTraffic,
  sayFigures,
  withFleet,
} from './harness/fleet-verdict.ts'
import { checkOut, knowsCommit } from './harness/old-checkout.ts'
import { say } from './harness/scenario.ts'
import { waitFor } from './harness/wait-for.ts'

/** The last one without a lock between jobs. */
const OLD = 'e9189d4'

/** Everything that is in the log now was loaded by the job that runs. */
async function loadedByNow(fleet: Fleet): Promise<void> {
  await everyJobLoads(fleet)
  await waitFor('the job to have read to the end', async () => {
    const [job] = fleet.running('core')
    const answer = await fetch(`${job?.apiUrl}/health`)
    const { checks } = (await answer.json()) as { checks: { loader: { partitions: { lagRecords: number }[] } } }
    return checks.loader.partitions.every((p) => p.lagRecords < 50)
  })
}

it.skipIf(!(await knowsCommit(OLD)))(
  'old and new edges and jobs side by side lose and double nothing',
  { timeout: FLEET_TIMEOUT_MS },
  async () => {
    const old = await checkOut(OLD)
    const before = { repository: old.folder }
    try {
      await withFleet('old-and-new', { brokers: inject('kafkaBrokers') }, async (fleet) => {
        const [, oldJob] = await Promise.all([fleet.add('edge', before), fleet.add('core', before)])
        const traffic = fleet.startClients()
        await moreTraffic(fleet, traffic, 100)
        const newEdge = await fleet.add('edge')
        await moreTraffic(fleet, traffic, 100)
        await loadedByNow(fleet)
        say('the old job has loaded what old and new edges wrote')

        await fleet.stop(oldJob, 'core')
        const newJob = await fleet.add('core')
        await moreTraffic(fleet, traffic, 100)
        await loadedByNow(fleet)
        say('the new job has gone on from the commits of the old one')

        // Not back: old code does not know what the new one notes of rows that were removed on purpose, and would mend them.
        await newJob.running('core')?.kill()
        await expect(fleet.start(oldJob, 'core', before)).rejects.toThrow(
          /this version doesn't know; start a newer one/,
        )
        say('the old job refuses the database of the new one')
        await moreTraffic(fleet, traffic, 50)
        await fleet.start(newJob, 'core')
        expect(fleet.running('edge')).toContain(newEdge)
        await moreTraffic(fleet, traffic, 50)
        await traffic.finish()
        sayFigures(fleet, await expectFleetExactlyOnce(fleet), traffic)
      })
    } finally {
      await old.remove()
    }
  },
)
