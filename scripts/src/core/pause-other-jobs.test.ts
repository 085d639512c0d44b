import type { LockSession } from '@ecomind/serving-api'
import { createLoadingGate } from '@ecomind/stream-jobs'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { type PausedJobs, pauseOtherJobs } from './pause-other-jobs.ts'

const logger = pino({ level: 'silent' })
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A lock as PostgreSQL's advisory ones: who waits alone keeps later shares waiting. */
function memoryLock() {
  const waiting: { readonly alone: boolean; readonly grant: () => void }[] = []
  let shares = 0
  let alone = false
  let up = true
  const sessions = new Set<() => void>()
  const grant = (): void => {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (alone || (next.alone && shares > 0)) return
      waiting.shift()
      if (next.alone) alone = true
      else shares += 1
      next.grant()
    }
  }
  const take = (asAlone: boolean): Promise<void> =>
    new Promise((resolve) => {
      waiting.push({ alone: asAlone, grant: resolve })
      grant()
    })
  async function open(): Promise<LockSession> {
    if (!up) throw new Error('away')
    let lost = false
    let has: 'nothing' | 'share' | 'lock' = 'nothing'
    const letGo = (): void => {
      if (has === 'share') shares -= 1
      if (has === 'lock') alone = false
      has = 'nothing'
      grant()
    }
    const lose = (): void => {
      lost = true
      letGo()
    }
    sessions.add(lose)
    const check = (): void => {
      if (lost) throw new Error('lost')
    }
    return {
      share: async () => {
        check()
        await take(false)
        has = 'share'
      },
      unshare: async () => {
        check()
        letGo()
      },
      lock: async () => {
        check()
        await take(true)
        has = 'lock'
      },
      unlock: async () => {
        check()
        letGo()
      },
      isWanted: async () => {
        check()
        return waiting.length > 0
      },
      isLost: () => lost,
      close: async () => lose(),
    }
  }
  return {
    open,
    goAway: () => {
      up = false
      for (const lose of [...sessions]) lose()
      sessions.clear()
    },
    comeBack: () => {
      up = true
    },
  }
}

describe('jobs that pause each other', () => {
  const joined: PausedJobs[] = []
  afterEach(async () => {
    await Promise.all(joined.splice(0).map((job) => job.close()))
  })
  async function join(lock: ReturnType<typeof memoryLock>) {
    const others = await pauseOtherJobs(lock.open, logger)
    joined.push(others)
    const gate = createLoadingGate(others)
    others.follow(gate.pause)
    return gate
  }

  it('never work on rollups beside an open batch of any job, in any order of events', async () => {
    const action = fc.record({
      job: fc.nat(2),
      partition: fc.nat(1),
      kind: fc.constantFrom('batch', 'batch', 'rollups'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 12 }), async (actions) => {
        const lock = memoryLock()
        const gates = await Promise.all([0, 1, 2].map(() => join(lock)))
        let [batches, works] = [0, 0]
        await Promise.all(
          actions.map(async ({ job, partition, kind }, i) => {
            const gate = gates[job] ?? expect.fail('no such job')
            if (kind === 'rollups') {
              await gate.exclusive(async () => {
                works += 1
                for (let again = 0; again < 3; again++) {
                  expect([batches, works]).toEqual([0, 1])
                  await turn()
                }
                works -= 1
              })
              return
            }
            const own = partition * 100 + i
            await gate.enter(own)
            batches += 1
            await turn()
            expect(works).toBe(0)
            batches -= 1
            gate.release(own)
          }),
        )
        await Promise.all(joined.splice(0).map((one) => one.close()))
      }),
      { numRuns: 15 },
    )
  })

  it('refuse work on rollups while PostgreSQL is away, and tell batches of that time by another epoch', async () => {
    const lock = memoryLock()
    const gate = await join(lock)
    const before = gate.epoch()
    lock.goAway()
    expect(gate.epoch()).toBeNull()
    await expect(gate.exclusive(async () => 1)).rejects.toThrow(/PostgreSQL is away/)
    lock.comeBack()
    await expect.poll(() => gate.epoch(), { timeout: 10_000 }).not.toBeNull()
    expect(gate.epoch()).not.toBe(before)
    expect(await gate.exclusive(async () => 1)).toBe(1)
  })
})
