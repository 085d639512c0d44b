import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { KafkaConsumer } from './kafka-client.ts'
import { createCommits } from './kafka-commits.ts'

const WITHIN_MS = 1_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setting() {
  const sent: string[] = []
  const consumer = {
    commit: (places: readonly { partition: number; offset: number; metadata: string }[]) =>
      sent.push(...places.map((p) => `${p.partition}:${p.offset} ${p.metadata}`)),
  } as unknown as KafkaConsumer
  return { sent, commits: createCommits('t', () => consumer, WITHIN_MS) }
}
const place = (partition: number, offset?: number) => ({
  topic: 't',
  partition,
  ...(offset === undefined ? {} : { offset }),
})
const outcome = (commit: Promise<void>) =>
  commit.then(
    () => 'kept',
    (fault: Error) => fault.message,
  )

describe('commits of a member', () => {
  test('one a partition at a time, each with its own answer', async () => {
    const { sent, commits } = setting()
    const all = [commits.commit(0, 1, 'a'), commits.commit(0, 2, 'b'), commits.commit(1, 9, 'c')].map(outcome)
    await vi.advanceTimersByTimeAsync(0)
    expect(sent).toEqual(['0:1 a', '1:9 c'])
    commits.onAnswer(null, [place(0, 1), place(1, 9)])
    await vi.advanceTimersByTimeAsync(0)
    expect(sent.at(-1)).toBe('0:2 b')
    commits.onAnswer(Object.assign(new Error('refused'), { code: 25 }), [place(0, 2)])
    expect(await Promise.all(all)).toEqual(['kept', 'refused', 'kept'])
  })

  test('one that is never answered holds up neither the next nor the group, and its late answer counts for nothing', async () => {
    const { sent, commits } = setting()
    const first = outcome(commits.commit(0, 1, 'a'))
    const second = outcome(commits.commit(0, 2, 'b'))
    await vi.advanceTimersByTimeAsync(WITHIN_MS)
    expect(await first).toBe('no answer within 1000 ms')
    expect(sent).toEqual(['0:1 a', '0:2 b'])
    commits.onAnswer(null, [place(0, 1)])
    let settled = false
    void commits.settled([0]).then(() => {
      settled = true
    })
    await vi.advanceTimersByTimeAsync(0)
    expect(settled).toBe(false)
    commits.onAnswer(null, [place(0, 2)])
    expect(await second).toBe('kept')
    await vi.advanceTimersByTimeAsync(0)
    expect(settled).toBe(true)
  })

  test('a fault that names no partition is that of all under way', async () => {
    const { commits } = setting()
    const both = [commits.commit(0, 1, 'a'), commits.commit(1, 2, 'b')].map(outcome)
    await vi.advanceTimersByTimeAsync(0)
    commits.onAnswer(Object.assign(new Error('gone'), { code: -195 }))
    expect(await Promise.all(both)).toEqual(['gone', 'gone'])
  })
})
