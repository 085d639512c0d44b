import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Turns } from './turns.ts'

/** Work that ends when it is told to, and notes when it begins. */
function controlled() {
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const work = (name: string) => async (): Promise<string> => {
    begun.push(name)
    await new Promise<void>((resolve) => ends.set(name, resolve))
    return name
  }
  return { begun, work, end: (name: string) => ends.get(name)?.() }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('turns', () => {
  test('what goes ahead waits for what is under way and for nothing that waits', async () => {
    const { begun, work, end } = controlled()
    const turns = new Turns()
    const all = [
      turns.run(work('a')),
      turns.run(work('b')),
      turns.run(work('c'), true),
      turns.run(work('d')),
      turns.run(work('e'), true),
    ]
    for (const name of ['a', 'c', 'e', 'b', 'd']) {
      expect(begun.at(-1)).toBe(name)
      end(name)
      await settle()
    }
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test('one that fails fails for its caller alone', async () => {
    const turns = new Turns()
    const failed = turns.run(() => Promise.reject(new Error('refused')))
    const next = turns.run(() => Promise.resolve(2))
    await expect(failed).rejects.toThrow('refused')
    expect(await next).toBe(2)
  })

  test('what waits is taken behind eight that went ahead, and work that throws at once ends as any other', async () => {
    const turns = new Turns()
    const begun: string[] = []
    const outcomes = ['w', ...'abcdefghijkl'].map((name) =>
      turns.run(() => {
        begun.push(name)
        if (name === 'e') throw new Error('at once')
        return Promise.resolve()
      }, name !== 'w'),
    )
    outcomes.push(turns.run(async () => void begun.push('x')))
    const settled = await Promise.allSettled(outcomes)
    expect(begun.join('')).toBe('wabcdefghxijkl')
    expect(settled.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []))).toEqual([5])
  })

  test('idle waits for all, also for what came meanwhile', async () => {
    const { begun, work, end } = controlled()
    const turns = new Turns()
    await turns.idle()
    let idle = false
    void turns.run(work('a'))
    const waited = turns.idle().then(() => {
      idle = true
    })
    void turns.run(work('b'))
    end('a')
    await settle()
    expect([begun, idle]).toEqual([['a', 'b'], false])
    end('b')
    await waited
  })

  test('never two at once, each once, and in order within those that go ahead and those that do not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ ahead: fc.boolean(), fails: fc.boolean(), pauses: fc.boolean() }), { maxLength: 30 }),
        async (calls) => {
          const turns = new Turns()
          let running = 0
          const order: number[] = []
          const outcomes = calls.map(async ({ ahead, fails, pauses }, i) => {
            if (pauses) await settle()
            return await turns.run(async () => {
              expect(++running).toBe(1)
              order.push(i)
              await settle()
              running--
              if (fails) throw new Error(String(i))
              return i
            }, ahead)
          })
          const settled = await Promise.allSettled(outcomes)
          expect(settled.map(({ status }) => status === 'rejected')).toEqual(calls.map(({ fails }) => fails))
          for (const of of [true, false])
            for (const late of [true, false]) {
              const some = order.filter((i) => calls[i]?.ahead === of && calls[i]?.pauses === late)
              expect(some).toEqual(some.toSorted((x, y) => x - y))
            }
          expect(order.toSorted((x, y) => x - y)).toEqual(calls.map((_, i) => i))
        },
      ),
    )
  })
})
