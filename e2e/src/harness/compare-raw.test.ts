import { describe, expect, it } from 'vitest'
import { compareRaw, type StoredEvent } from './compare-raw.ts'
import { createEventMaker } from './event-maker.ts'
import { createLedger, type SentEvent } from './ledger.ts'
import { createRandom } from './random.ts'

const stored = (e: SentEvent): StoredEvent => ({
  event_id: e.event_id,
  user_id: e.user_id,
  provider: e.provider.toLowerCase(),
  model: e.model,
  ts: e.ts,
  tokens_in: e.tokens_in,
  tokens_out: e.tokens_out,
  tokens_cache_read: e.tokens_cache_read ?? 0,
  tokens_reasoning: e.tokens_reasoning ?? 0,
  team_id: e.team_id ?? '',
  project_id: e.project_id ?? '',
})

function setUp() {
  const make = createEventMaker({ random: createRandom(5), nowMs: Date.UTC(2026, 10, 23), idPrefix: 'test' })
  const events = Array.from({ length: 10 }, make)
  const ledger = createLedger()
  ledger.recordSent(events)
  ledger.recordAcknowledged(events)
  return { ledger, rows: events.map(stored) }
}

const NOTHING = { lost: [], doubled: [], foreign: [], changed: [] }

describe('compareRaw', () => {
  it('finds nothing when every event is there once, in any order', () => {
    const { ledger, rows } = setUp()
    expect(compareRaw(ledger.entries, rows.toReversed())).toEqual(NOTHING)
  })

  it('names a lost, a doubled, a foreign and a changed event', () => {
    const { ledger, rows } = setUp()
    const [first, second, third] = rows
    if (first === undefined || second === undefined || third === undefined) throw new Error('ten rows were made')
    const result = compareRaw(ledger.entries, [
      second,
      second,
      { ...third, tokens_in: third.tokens_in + 1 },
      { ...first, event_id: 'never-sent' },
      ...rows.slice(3),
    ])
    expect(result.lost).toEqual([first.event_id])
    expect(result.doubled).toEqual([second.event_id])
    expect(result.foreign).toEqual(['never-sent'])
    expect(result.changed).toEqual([expect.stringContaining(`${third.event_id}: tokens_in`)])
  })

  it('lets an event be absent that was never answered 202', () => {
    const { ledger, rows } = setUp()
    const make = createEventMaker({ random: createRandom(6), nowMs: 0, idPrefix: 'unanswered' })
    ledger.recordSent([make()])
    expect(compareRaw(ledger.entries, rows)).toEqual(NOTHING)
  })
})
