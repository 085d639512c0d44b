import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createPreparingTurns } from './preparing-turns.ts'

describe('preparing turns', () => {
  it('begins each when the one before has ended, in the order of the calls', async () => {
    const inTurn = createPreparingTurns()
    const seen: string[] = []
    const work = (name: string) => async () => {
      seen.push(`${name} begins`)
      await pause(1)
      seen.push(`${name} ends`)
      return name
    }
    expect(await Promise.all([inTurn(work('a')), inTurn(work('b')), inTurn(work('c'))])).toEqual(['a', 'b', 'c'])
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  })

  it('goes on after one that failed, and tells only whoever called it', async () => {
    const inTurn = createPreparingTurns()
    const failed = inTurn(() => Promise.reject(new Error('no')))
    const next = inTurn(async () => 'yes')
    await expect(failed).rejects.toThrow('no')
    expect(await next).toBe('yes')
  })
})
