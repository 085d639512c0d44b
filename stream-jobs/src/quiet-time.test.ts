import { describe, expect, it } from 'vitest'
import { createPartitionState } from './partition-state.ts'
import { createQuietTime } from './quiet-time.ts'

function setting() {
  const states = new Map([
    [0, createPartitionState()],
    [1, createPartitionState()],
  ])
  const time = { ms: 1_000 }
  return { states: [...states.values()] as const, time, isQuiet: createQuietTime(states, () => time.ms) }
}

const caughtUp = { phase: 'loading', behind: false } as const

describe('quiet time', () => {
  it('begins when every partition has caught up', () => {
    const { states, isQuiet } = setting()
    expect(isQuiet()).toBe(false)
    for (const state of states) Object.assign(state, caughtUp, { behind: true })
    expect(isQuiet()).toBe(false)
    Object.assign(states[0] ?? {}, caughtUp)
    expect(isQuiet()).toBe(false)
    Object.assign(states[1] ?? {}, caughtUp)
    expect(isQuiet()).toBe(true)
  })

  it('comes after five minutes to a loader that never catches up, counted from when it fell behind', () => {
    const { states, time, isQuiet } = setting()
    for (const state of states) Object.assign(state, caughtUp)
    time.ms += 1_000_000
    expect(isQuiet()).toBe(true)
    for (const state of states) state.behind = true
    expect(isQuiet()).toBe(false)
    time.ms += 299_999
    expect(isQuiet()).toBe(false)
    time.ms += 1
    expect(isQuiet()).toBe(true)
  })

  it('never comes while a partition is refused, and does not wait for one that has stopped', () => {
    const { states, time, isQuiet } = setting()
    for (const state of states) Object.assign(state, caughtUp)
    Object.assign(states[0] ?? {}, { refused: 'too many parts' })
    time.ms += 1_000_000
    expect(isQuiet()).toBe(false)
    Object.assign(states[0] ?? {}, { phase: 'stopped', behind: true })
    expect(isQuiet()).toBe(true)
  })
})
