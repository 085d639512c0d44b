import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TurnQueue } from './turn-queue.ts'

/** A piece of work that ends when it is told to. */
function held(): { readonly work: () => Promise<void>; readonly end: () => void; began: boolean } {
  let end = (): void => undefined
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const piece = {
    began: false,
    end: () => end(),
    work: async () => {
      piece.began = true
      await ended
    },
  }
  return piece
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('TurnQueue', () => {
  test('an organisation that floods it leaves a turn for another', async () => {
    const queue = new TurnQueue({ maxRunning: 2, maxRunningPerOrg: 1, maxWaiting: 10, maxWaitingPerOrg: 5 })
    const flood = Array.from({ length: 4 }, held)
    const runs = flood.map((piece) => queue.run('loud', piece.work))
    const quiet = held()
    const run = queue.run('quiet', quiet.work)
    await tick()
    expect(flood.map((piece) => piece.began)).toEqual([true, false, false, false])
    expect(quiet.began).toBe(true)
    for (const piece of [...flood, quiet]) piece.end()
    await Promise.all([...runs, run])
  })

  test('a turn that comes free goes to whoever has the fewest under way', async () => {
    const queue = new TurnQueue({ maxRunning: 2, maxRunningPerOrg: 2, maxWaiting: 10, maxWaitingPerOrg: 5 })
    const loud = Array.from({ length: 4 }, held)
    const runs = loud.map((piece) => queue.run('loud', piece.work))
    const quiet = held()
    const run = queue.run('quiet', quiet.work)
    loud[0]?.end()
    await tick()
    expect(quiet.began).toBe(true)
    expect(loud[2]?.began).toBe(false)
    for (const piece of [...loud, quiet]) piece.end()
    await Promise.all([...runs, run])
    await queue.idle()
  })

  test('refuses an organisation that has too many waiting, and nobody else', async () => {
    const queue = new TurnQueue({ maxRunning: 1, maxRunningPerOrg: 1, maxWaiting: 10, maxWaitingPerOrg: 1 })
    const [first, second, third] = [held(), held(), held()]
    const runs = [queue.run('a', first.work), queue.run('a', second.work)]
    await expect(queue.run('a', held().work)).rejects.toMatchObject({ code: 202 })
    runs.push(queue.run('b', third.work))
    for (const piece of [first, second, third]) piece.end()
    await Promise.all(runs)
  })

  test('whoever is gone when its turn comes is not served', async () => {
    const queue = new TurnQueue({ maxRunning: 1, maxRunningPerOrg: 1, maxWaiting: 2, maxWaitingPerOrg: 2 })
    const gone = new AbortController()
    const [first, second] = [held(), held()]
    const running = queue.run('a', first.work)
    const waiting = queue.run('a', second.work, gone.signal)
    gone.abort()
    first.end()
    await running
    await expect(waiting).rejects.toMatchObject({ code: 394 })
    expect(second.began).toBe(false)
    await queue.idle()
  })

  test('never more at a time than the limits say, and all that were taken are served', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 30 }), async (orgs) => {
        const queue = new TurnQueue({ maxRunning: 3, maxRunningPerOrg: 2, maxWaiting: 40, maxWaitingPerOrg: 40 })
        const underWay: string[] = []
        let served = 0
        await Promise.all(
          orgs.map((org) =>
            queue.run(org, async () => {
              underWay.push(org)
              expect(underWay.length).toBeLessThanOrEqual(3)
              expect(underWay.filter((o) => o === org).length).toBeLessThanOrEqual(2)
              await tick()
              underWay.splice(underWay.indexOf(org), 1)
              served++
            }),
          ),
        )
        expect(served).toBe(orgs.length)
      }),
      { numRuns: 50 },
    )
  })
})
