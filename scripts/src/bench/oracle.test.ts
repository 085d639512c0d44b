import { describe, expect, it } from 'vitest'
import { judge, type Stored } from './oracle.ts'

const SENT = { accepted: 10, tokensIn: 100, tokensOut: 50, idSum: 7 }
const ROW = { events: 10, tokensIn: 100, tokensOut: 50 }
const stored = (change: { raw?: object; usage_1h?: object } = {}): Stored => ({
  raw: { ...ROW, ids: 10, idSum: 7, ...change.raw },
  rollups: { usage_1m: ROW, usage_1h: { ...ROW, ...change.usage_1h } },
})

describe('judge', () => {
  it('is content when every id and every sum is there once', () => {
    expect(judge(SENT, stored())).toEqual([])
  })

  it.each([
    [{ raw: { events: 9, ids: 9 } }, '1 of 10 ids are lost'],
    [{ raw: { events: 11 } }, '1 events are doubled'],
    [{ raw: { idSum: 8 } }, 'the ids add up to 8, 7 were sent'],
    [{ usage_1h: { events: 11 } }, 'usage_1h holds 11 100 50'],
    [{ usage_1h: { tokensOut: 49 } }, 'usage_1h holds 10 100 49'],
  ])('finds %j', (change, fault) => {
    expect(judge(SENT, stored(change)).join('; ')).toContain(fault)
  })
})
