import { ClickHouseError } from '@ecomind/clickhouse'
import { LogUnavailableError } from '@ecomind/event-log'
import { describe, expect, it } from 'vitest'
import { LoaderStoppedError, mayCureItself, RowsMissingError, untilAccepted } from './retry.ts'

const rules = (signal = new AbortController().signal) => {
  const seen: string[] = []
  return {
    seen,
    firstMs: 0,
    mostMs: 1,
    signal,
    onRefused: (error: unknown, attempt: number) => seen.push(`${attempt} ${(error as Error).message}`),
    onAccepted: () => seen.push('accepted'),
  }
}

describe('untilAccepted', () => {
  it('asks again until it is taken and says so', async () => {
    let left = 3
    const r = rules()
    const answer = untilAccepted(async () => {
      if (left-- > 0) throw new ClickHouseError('too many parts', 252, true)
      return 'taken'
    }, r)
    expect(await answer).toBe('taken')
    expect(r.seen).toEqual(['1 too many parts', '2 too many parts', '3 too many parts', 'accepted'])
  })

  it('gives up at once on what will never be taken', async () => {
    const error = new ClickHouseError('no such column', 47, false)
    await expect(untilAccepted(() => Promise.reject(error), rules())).rejects.toBe(error)
  })

  it('ends when it is told to stop', async () => {
    const stop = new AbortController()
    const r = { ...rules(stop.signal), onRefused: () => stop.abort() }
    const refused = new ClickHouseError('read-only', 164, true)
    await expect(untilAccepted(() => Promise.reject(refused), r)).rejects.toThrow(LoaderStoppedError)
  })

  it('knows which errors pass by themselves', () => {
    expect(mayCureItself(new LogUnavailableError('log', false))).toBe(true)
    expect(mayCureItself(new RowsMissingError('rows'))).toBe(true)
    expect(mayCureItself(new Error('ENOSPC: no space left on device'))).toBe(true)
    expect(mayCureItself(Object.assign(new Error('open'), { code: 'EMFILE' }))).toBe(true)
    expect(mayCureItself(new TypeError('x is not a function'))).toBe(false)
  })
})
