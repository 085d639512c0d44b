import { afterEach, expect, test } from 'vitest'
import { SlowBodies, type SpeedChecked } from './slow-bodies.ts'

// An hour: only the test looks.
const EVERY_MS = 3_600_000

let nowMs = 0
let looks: number[] = []
const bodies = new SlowBodies(EVERY_MS, () => nowMs)
const body: SpeedChecked = { before: null, behind: null, checkSpeed: (at) => looks.push(at) }
bodies.add(body)
bodies.stop()

afterEach(() => {
  looks = []
})

function lookAfter(ms: number): void {
  nowMs += ms
  bodies.check()
}

test('a look in time is one at every body', () => {
  lookAfter(EVERY_MS)
  lookAfter(2 * EVERY_MS)
  expect(looks).toHaveLength(2)
})

test('the first look after the process stood still is none', () => {
  lookAfter(EVERY_MS)
  lookAfter(9 * EVERY_MS)
  expect(looks).toHaveLength(1)
  lookAfter(EVERY_MS)
  expect(looks).toHaveLength(2)
})

test('a process that is always late looks every other time', () => {
  for (let i = 0; i < 6; i++) lookAfter(5 * EVERY_MS)
  expect(looks).toHaveLength(3)
})

test('a body that left is not looked at, one that is still there is', () => {
  const seen: string[] = []
  const other: SpeedChecked = { before: null, behind: null, checkSpeed: () => seen.push('other') }
  bodies.add(other)
  bodies.delete(other)
  bodies.delete(other)
  lookAfter(EVERY_MS)
  expect([seen, looks.length]).toEqual([[], 1])
})
