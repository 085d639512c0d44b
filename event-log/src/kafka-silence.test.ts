import { beforeEach, describe, expect, test } from 'vitest'
import { LogUnavailableError, OffsetOutOfRangeError } from './event-log.ts'
import { Cursor } from './kafka-cursor.ts'
import { askBroker, isSilent, type OffsetRange } from './kafka-silence.ts'

let nowMs: number
let cursor: Cursor
beforeEach(() => {
  nowMs = 1_000
  cursor = new Cursor(3, 100, nowMs)
})

const clock = () => nowMs
const message = (offset: number) => ({ topic: 't', partition: 3, offset, timestamp: 1, value: Buffer.from('r') })
const ask = (range: () => Promise<OffsetRange>) => askBroker(cursor, { place: 't/3', range, clock })
const keeps = (lowOffset: number, highOffset: number) => async () => ({ lowOffset, highOffset })
const refuses = (code: number) => async () => {
  throw Object.assign(new Error('as the client says it'), { code })
}

describe('a cursor is silent', () => {
  test('when nothing came for two seconds, or for thirty behind the end', () => {
    expect(isSilent(cursor, 3_000)).toBe(false)
    expect(isSilent(cursor, 3_001)).toBe(true)
    cursor.seeEnd(100, 5_000)
    expect(isSilent(cursor, 35_000)).toBe(false)
    expect(isSilent(cursor, 35_001)).toBe(true)
  })

  test('at once when it may have been the one out of range, but not while it has something to give out', () => {
    cursor.isSuspect = true
    expect(isSilent(cursor, nowMs)).toBe(true)
    cursor.add(message(100), nowMs)
    expect(isSilent(cursor, 1e9)).toBe(false)
    cursor.take({ maxRecords: 1, maxBytes: 1, waitMs: 0 })
    expect(isSilent(cursor, nowMs)).toBe(true)
  })

  test('not again right behind a question', async () => {
    nowMs = 9_000
    await ask(keeps(0, 200))
    expect(isSilent(cursor, 11_000)).toBe(false)
    expect(isSilent(cursor, 11_001)).toBe(true)
  })
})

describe('whoever asks why nothing comes', () => {
  test.each([
    ['below what is kept', keeps(101, 200)],
    ['behind its end', keeps(0, 99)],
  ])('%s is told, and has to be placed anew', async (_, range) => {
    await expect(ask(range)).rejects.toThrow(OffsetOutOfRangeError)
    expect(cursor.fault).toBeInstanceOf(OffsetOutOfRangeError)
  })

  test('at the end knows that it is there', async () => {
    expect(cursor.isAtEnd).toBe(false)
    await ask(keeps(0, 100))
    expect(cursor.isAtEnd).toBe(true)
  })

  test('waits for what is there, for a minute; then that is a refusal, which ends when something comes', async () => {
    await ask(keeps(0, 200))
    nowMs += 60_000
    await ask(keeps(0, 200))
    nowMs += 1
    await expect(ask(keeps(0, 200))).rejects.toThrow(LogUnavailableError)
    await expect(ask(keeps(0, 200))).rejects.toThrow(
      't/3: the broker holds records up to 200 and has given none from 100',
    )
    // Not placed anew: a log that was cut short and has grown again would be passed over in silence.
    expect(cursor.fault).toBeNull()
    cursor.add(message(100), nowMs)
    cursor.take({ maxRecords: 1, maxBytes: 1, waitMs: 0 })
    await ask(keeps(0, 200))
  })

  test('after long at the end does not count that time as one of waiting', async () => {
    cursor.seeEnd(100, nowMs)
    nowMs += 3_600_000
    await ask(keeps(0, 200))
    nowMs += 60_000
    await ask(keeps(0, 200))
  })

  test('hears nothing from a broker that is away, and asks again', async () => {
    for (const code of [-195, -185, 6]) await ask(refuses(code))
    await ask(async () => {
      throw new Error('the client is closed')
    })
    expect(cursor.fault).toBeNull()
  })

  test('is told a refusal', async () => {
    await expect(ask(refuses(29))).rejects.toThrow('Read t/3: as the client says it')
  })

  test.each([
    ['was moved', () => cursor.moveTo(500, nowMs)],
    ['was given something', () => cursor.add(message(100), nowMs)],
  ])('and meanwhile %s takes no notice of the answer', async (_, change) => {
    await ask(async () => {
      change()
      return { lowOffset: 300, highOffset: 400 }
    })
    expect(cursor.fault).toBeNull()
    expect(cursor.isAtEnd).toBe(false)
  })
})
