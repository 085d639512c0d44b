import { describe, expect, it } from 'vitest'
import { armFaultPoint, noFaultPoint, parseArmedFault } from './fault-points.ts'

describe('fault points', () => {
  it('cost nothing when none is armed', () => {
    expect(armFaultPoint(null)).toBe(noFaultPoint)
  })

  it('kill at the named passage and only there', () => {
    let kills = 0
    const pass = armFaultPoint({ name: 'after-intent', passage: 2 }, () => (kills += 1))
    pass('after-intent')
    pass('before-commit')
    expect(kills).toBe(0)
    pass('after-intent')
    pass('after-intent')
    expect(kills).toBe(1)
  })

  it('are named in a closed list', () => {
    expect(parseArmedFault('after-intent')).toEqual({ name: 'after-intent', passage: 1 })
    expect(parseArmedFault('before-commit:12')).toEqual({ name: 'before-commit', passage: 12 })
    for (const bad of ['', 'nowhere', 'after-intent:0', 'after-intent:x', 'after-intent:1:2']) {
      expect(parseArmedFault(bad)).toBeNull()
    }
  })
})
