import { describe, expect, it } from 'vitest'
import { createLedger, type SentEvent, sumsByWindow, total } from './ledger.ts'

const event = (id: string, ts: number, tokens = 1): SentEvent => ({
  event_id: id,
  org_id: 'org_demo',
  user_id: 'u',
  provider: 'openai',
  model: 'gpt-4o',
  tokens_in: tokens,
  tokens_out: 2 * tokens,
  ts,
})

describe('createLedger', () => {
  it('counts copies and events apart', () => {
    const ledger = createLedger()
    const a = event('event-aa', 0)
    ledger.recordSent([a, a])
    ledger.recordAcknowledged([a, a])
    expect([ledger.acknowledgedEvents(), ledger.acknowledgedCopies()]).toEqual([1, 2])
    expect(ledger.acknowledgedAt(0)).toBe(a)
  })

  it('refuses an answer for what was never sent and two events under one id', () => {
    const ledger = createLedger()
    const b = event('event-bb', 0)
    expect(() => ledger.recordAcknowledged([b])).toThrow('was never sent')
    ledger.recordSent([b])
    expect(() => ledger.recordSent([event('event-bb', 1)])).toThrow('another event')
  })

  it('counts another event under an acknowledged id as a conflict and keeps the first', () => {
    const ledger = createLedger()
    const [first, second] = [event('event-cc', 0), event('event-cc', 0, 9)]
    ledger.recordSent([first])
    ledger.recordAcknowledged([first])
    ledger.recordSent([second])
    ledger.recordAcknowledged([second])
    expect(ledger.entries.get('event-cc')).toMatchObject({ event: first, acknowledged: 1, conflicts: 1 })
    expect([ledger.acknowledgedEvents(), ledger.acknowledgedCopies()]).toEqual([1, 2])
  })
})

describe('sumsByWindow', () => {
  it('puts an event at the edge into the window that begins there', () => {
    const windows = sumsByWindow([event('event-aa', 59_999), event('event-bb', 60_000, 5)], 60)
    expect(windows.get(0)).toEqual({ calls: 1, tokens_in: 1, tokens_out: 2 })
    expect(windows.get(60)).toEqual({ calls: 1, tokens_in: 5, tokens_out: 10 })
    expect(total(windows.values())).toEqual({ calls: 2, tokens_in: 6, tokens_out: 12 })
  })
})
