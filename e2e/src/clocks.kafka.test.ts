/** Clocks of edges and jobs that are an hour wrong, and jump under traffic. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject, it } from 'vitest'
import type { Fleet, Role } from './harness/fleet.ts'
import {
  everyJobLoads,
  expectFleetExactlyOnce,
  FLEET_TIMEOUT_MS,
  moreTraffic,
  sayFigures,
  withFleet,
} from './harness/fleet-verdict.ts'
import { say } from './harness/scenario.ts'

const PRELOAD = fileURLToPath(new URL('./harness/shift-clock.mjs', import.meta.url))
const HOUR_MS = 3_600_000
/** A minute less than the hour that brokers allow a record to be ahead of them (message.timestamp.after.max.ms). */
const SHIFT_MS = HOUR_MS - 60_000

it('clocks of edges and jobs that jump by an hour, ahead and back, lose and double nothing', {
  timeout: FLEET_TIMEOUT_MS,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ecomind-clocks-'))
  // The newest event is older than the slowest clock says it is: the edge would refuse it as too far ahead.
  const options = { brokers: inject('kafkaBrokers'), clientsBehindMs: 2 * HOUR_MS }
  try {
    await withFleet('clocks', options, async (fleet) => {
      const roles = ['edge', 'edge', 'core', 'core'] as const
      const clocked = await Promise.all(roles.map((role, i) => addWithClock(fleet, role, join(folder, String(i)))))
      const traffic = fleet.startClients()
      await everyJobLoads(fleet)
      for (const round of [1, 2]) {
        const shifts = clocked.map(() => fleet.random.pick([-1, 0, 1]) * SHIFT_MS)
        await Promise.all(clocked.map(({ set }, i) => set(shifts[i] ?? 0)))
        say(`round ${round}: edges ${shifts.slice(0, 2)}, jobs ${shifts.slice(2)} ms`)
        await moreTraffic(fleet, traffic, 150)
        // Its partitions go to a job with another time, and come back.
        const killed = clocked[2 + (round % 2)]
        await killed?.member.running('core')?.kill()
        await moreTraffic(fleet, traffic, 50)
        await killed?.member.start('core', killed.options)
        await everyJobLoads(fleet)
      }
      await Promise.all(clocked.map(({ set }) => set(0)))
      await traffic.finish()
      sayFigures(fleet, await expectFleetExactlyOnce(fleet), traffic)
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

/** A member whose clock is ahead by what its file says, in milliseconds. */
async function addWithClock(fleet: Fleet, role: Role, file: string) {
  const set = (shiftMs: number) => writeFile(file, String(shiftMs))
  await set(0)
  const options = { env: { NODE_OPTIONS: `--import ${PRELOAD}`, CLOCK_SHIFT_FILE: file } }
  return { set, options, member: await fleet.add(role, options) }
}
