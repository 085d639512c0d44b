import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { type DayRange, spanMonths } from './day-ranges.ts'
import { createLoadingGate } from './loading-gate.ts'
import { createRollupDoubts } from './rollup-doubts.ts'
import { createDoubtSettler, type SettlerDeps } from './settle-doubts.ts'

const turnOfTheLoop = () => new Promise((resolve) => setImmediate(resolve))

/** Days in `differing` seem to differ until they are repaired. */
function setting(differing: readonly number[] = [], overrides: Partial<SettlerDeps> = {}) {
  const looked: DayRange[] = []
  const repaired: number[] = []
  const letGo: number[] = []
  const gate = createLoadingGate()
  const doubts = createRollupDoubts()
  const settler = createDoubtSettler({
    doubts,
    gate,
    watermark: { letGo: (partition) => letGo.push(partition) },
    look: {
      plan: async (days) => spanMonths(days),
      differingDays: async (span) => {
        looked.push(span)
        return differing.filter((day) => day >= span[0] && day <= span[1] && !repaired.includes(day))
      },
    },
    repairRollups: async (days) => void repaired.push(...days),
    settings: { compareAfterMs: 10, retryFirstMs: 100, retryMostMs: 300 },
    logger: pino({ level: 'silent' }),
    isQuiet: () => true,
    stopping: new AbortController().signal,
    ...overrides,
  })
  return { looked, repaired, letGo, gate, doubts, settler }
}

describe('settling doubts', () => {
  it('looks once at a span, whoever doubted its days, and lets the watermark go when a partition has none left', async () => {
    const { looked, repaired, letGo, doubts, settler } = setting()
    doubts.add(0, [5, 3, 40])
    doubts.add(1, [3])
    await settler.turn()
    expect(looked).toEqual([
      [3, 5],
      [40, 40],
    ])
    expect([repaired, letGo, doubts.all()]).toEqual([[], [1, 0], []])
    await settler.turn()
    expect(looked).toHaveLength(2)
  })

  it('repairs what differs of the doubted days, and nothing else', async () => {
    const { repaired, letGo, doubts, settler } = setting([4, 5])
    doubts.add(0, [3, 5])
    await settler.turn()
    expect([repaired, letGo, doubts.all()]).toEqual([[5], [0], []])
  })

  it('looks while batches are open, and repairs only between them', async () => {
    const { looked, repaired, gate, doubts, settler } = setting([2])
    await gate.enter(0)
    doubts.add(0, [1, 2])
    const turn = settler.turn()
    await turnOfTheLoop()
    expect([looked, repaired, doubts.all()]).toEqual([[[1, 2]], [], [2]])
    gate.release(0)
    await turn
    expect([repaired, doubts.all()]).toEqual([[2], []])
  })

  it('does not settle a day that was doubted again while it was looked at', async () => {
    const { doubts, settler, letGo } = setting([], {
      look: {
        plan: async (days) => spanMonths(days),
        differingDays: async () => {
          if (doubts.moment() === 1) doubts.add(0, [1])
          return []
        },
      },
    })
    doubts.add(0, [1])
    await settler.turn()
    expect([doubts.all(), letGo]).toEqual([[1], []])
    await settler.turn()
    expect([doubts.all(), letGo]).toEqual([[], [0]])
  })

  it('does not begin while a partition is refused or recovering: the others would wait for that one', async () => {
    let quiet = false
    const { looked, repaired, gate, doubts, settler } = setting([1], { isQuiet: () => quiet })
    await gate.enter(0)
    doubts.add(1, [1])
    await settler.turn()
    expect(looked).toEqual([])
    await gate.enter(1)
    gate.release(1)
    gate.release(0)
    quiet = true
    await settler.turn()
    expect(repaired).toEqual([1])
  })

  it('keeps what fails in doubt, pauses longer and longer, and tries again', async () => {
    let refusals = 3
    const { letGo, doubts, settler } = setting([1], {
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

  it('leaves what differs in doubt while a partition has stopped inside a batch', async () => {
    const { repaired, gate, doubts, settler } = setting([1])
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
    const { repaired, gate, doubts, settler } = setting([1], { stopping: stopping.signal })
    await gate.enter(0)
    doubts.add(0, [1])
    const turn = settler.turn()
    await turnOfTheLoop()
    stopping.abort()
    gate.release(0)
    await turn
    expect([repaired, doubts.all()]).toEqual([[], [1]])
  })
})
