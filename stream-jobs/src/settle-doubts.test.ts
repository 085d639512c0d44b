import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { createLoadingGate } from './loading-gate.ts'
import { createRollupDoubts } from './rollup-doubts.ts'
import { createDoubtSettler, type SettlerDeps } from './settle-doubts.ts'

const turnOfTheLoop = () => new Promise((resolve) => setImmediate(resolve))

function setting(overrides: Partial<SettlerDeps> = {}) {
  const repaired: number[] = []
  const letGo: number[] = []
  const gate = createLoadingGate()
  const doubts = createRollupDoubts()
  const settler = createDoubtSettler({
    doubts,
    gate,
    watermark: { letGo: (partition) => letGo.push(partition) },
    repairRollups: async (days) => void repaired.push(...days),
    settings: { compareAfterMs: 10, retryFirstMs: 100, retryMostMs: 300 },
    logger: pino({ level: 'silent' }),
    isQuiet: () => true,
    stopping: new AbortController().signal,
    ...overrides,
  })
  return { repaired, letGo, gate, doubts, settler }
}

describe('settling doubts', () => {
  it('compares every day once, whoever doubted it, and lets the watermark go when a partition has none left', async () => {
    const { repaired, letGo, doubts, settler } = setting()
    doubts.add(0, [5, 3])
    doubts.add(1, [3])
    await settler.turn()
    expect([repaired, letGo, doubts.all()]).toEqual([[3, 5], [1, 0], []])
    await settler.turn()
    expect(repaired).toEqual([3, 5])
  })

  it('waits for batches that are open and lets them in between two days', async () => {
    const { repaired, gate, doubts, settler } = setting()
    await gate.enter(0)
    doubts.add(0, [1, 2])
    const turn = settler.turn()
    await turnOfTheLoop()
    expect(repaired).toEqual([])
    gate.release(0)
    const entered = gate.enter(0).then(() => repaired.length)
    await turnOfTheLoop()
    expect(repaired).toEqual([1])
    expect(await entered).toBe(1)
    gate.release(0)
    await turn
    expect(repaired).toEqual([1, 2])
  })

  it('does not begin while a partition is refused or recovering: the others would wait for that one', async () => {
    let quiet = false
    const { repaired, gate, doubts, settler } = setting({ isQuiet: () => quiet })
    await gate.enter(0)
    doubts.add(1, [1])
    await settler.turn()
    await gate.enter(1)
    gate.release(1)
    gate.release(0)
    quiet = true
    await settler.turn()
    expect(repaired).toEqual([1])
  })

  it('keeps what fails in doubt, pauses longer and longer, and tries again', async () => {
    let refusals = 3
    const { letGo, doubts, settler } = setting({
      repairRollups: async () => {
        refusals -= 1
        if (refusals >= 0) throw new Error('refused')
      },
    })
    doubts.add(0, [1])
    const pauses: number[] = []
    for (let turn = 0; turn < 3; turn++) {
      await settler.turn()
      pauses.push(settler.pauseMs())
    }
    expect([pauses, doubts.of(0), letGo]).toEqual([[100, 200, 300], [1], []])
    await settler.turn()
    expect([doubts.of(0), letGo]).toEqual([[], [0]])
  })

  it('of a partition that stopped inside a batch waits for whoever does that batch again', async () => {
    const { repaired, gate, doubts, settler } = setting()
    gate.claim(1)
    gate.leaveOpen(1)
    doubts.add(0, [1])
    await settler.turn()
    expect([repaired, doubts.all()]).toEqual([[], [1]])
    gate.release(1)
    await settler.turn()
    expect(repaired).toEqual([1])
  })

  it('begins nothing once the loader stops', async () => {
    const stopping = new AbortController()
    const { repaired, gate, doubts, settler } = setting({ stopping: stopping.signal })
    await gate.enter(0)
    doubts.add(0, [1])
    const turn = settler.turn()
    stopping.abort()
    gate.release(0)
    await turn
    expect([repaired, doubts.all()]).toEqual([[], [1]])
  })
})
