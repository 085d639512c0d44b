import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BatchLeftOpenError, createLoadingGate } from './loading-gate.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('loading gate', () => {
  it('never runs exclusive work beside a holder or beside other exclusive work, in any order of events', async () => {
    const action = fc.record({ partition: fc.nat(3), kind: fc.constantFrom('batch', 'exclusive') })
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 30 }), async (actions) => {
        const gate = createLoadingGate()
        const holding = new Set<number>()
        let exclusive = 0
        let done = 0
        await Promise.all(
          actions.map(async ({ partition, kind }, i) => {
            const own = partition * 100 + i
            if (kind === 'batch') {
              await gate.enter(own)
              holding.add(own)
              expect(exclusive).toBe(0)
              await turn()
              expect(exclusive).toBe(0)
              holding.delete(own)
              gate.release(own)
            } else {
              await gate.exclusive(async () => {
                exclusive++
                expect([exclusive, holding.size]).toEqual([1, 0])
                await turn()
                expect([exclusive, holding.size]).toEqual([1, 0])
                exclusive--
              })
            }
            done++
          }),
        )
        expect(done).toBe(actions.length)
      }),
    )
  })

  it('waits for a partition that was claimed and has not recovered yet', async () => {
    const gate = createLoadingGate()
    const order: string[] = []
    gate.claim(1)
    const work = gate.exclusive(async () => void order.push('work'))
    await turn()
    order.push('recovered')
    gate.release(1)
    await work
    expect(order).toEqual(['recovered', 'work'])
  })

  it('holds back a partition that was claimed while exclusive work ran, until the work is done', async () => {
    const gate = createLoadingGate()
    const order: string[] = []
    let finish = (): void => undefined
    const work = gate.exclusive(async () => {
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      order.push('work')
    })
    await turn()
    gate.claim(1)
    const redo = gate.enter(1).then(() => order.push('redo'))
    await turn()
    finish()
    await Promise.all([work, redo])
    expect(order).toEqual(['work', 'redo'])
  })

  it('refuses exclusive work, also waiting one, while a batch was left open, and grants it once that is done', async () => {
    const gate = createLoadingGate()
    let ran = 0
    const work = async () => {
      ran++
    }
    gate.claim(3)
    const waiting = gate.exclusive(work)
    gate.leaveOpen(3)
    await expect(waiting).rejects.toThrow('partition 3')
    await expect(gate.exclusive(work)).rejects.toThrow(BatchLeftOpenError)
    gate.claim(3)
    const granted = gate.exclusive(work)
    await turn()
    expect(ran).toBe(0)
    gate.release(3)
    await granted
    expect(ran).toBe(1)
  })

  it('goes on after work that failed', async () => {
    const gate = createLoadingGate()
    await expect(gate.exclusive(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
    await gate.enter(1)
    gate.release(1)
    expect(await gate.exclusive(async () => 'done')).toBe('done')
  })
})
