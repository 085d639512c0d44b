import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { EdgeNews } from './edge-news.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const newsNow = () => new EdgeNews(() => Date.now())

/** What has happened by now, without letting time pass. */
async function hasEnded(work: Promise<unknown>): Promise<boolean> {
  let ended = false
  void work.then(() => {
    ended = true
  })
  await vi.advanceTimersByTimeAsync(0)
  return ended
}

describe('news of keys', () => {
  it('wake the edges that wait, and are told when each has come again with the newest', async () => {
    const news = newsNow()
    const edges = ['a', 'b'].map((name) => news.listen(name))
    const heard = Promise.all(edges.map((edge) => edge.heard(1000)))
    const told = news.tell()
    expect(await hasEnded(heard)).toBe(true)
    for (const edge of edges) edge.end()
    news.listen('a').isCurrent()
    news.listen('a').isCurrent()
    expect(await hasEnded(told)).toBe(false)
    news.listen('b')
    expect(await hasEnded(told)).toBe(false)
    news.listen('b').isCurrent()
    expect(await hasEnded(told)).toBe(true)
  })
  it('are not taken for told by an edge that came before them', async () => {
    const news = newsNow()
    const edge = news.listen('a')
    const told = news.tell()
    edge.isCurrent()
    expect(await hasEnded(told)).toBe(false)
  })
  it('reach an edge between its coming and its waiting, and wait for one between two questions', async () => {
    const news = newsNow()
    const edge = news.listen('a')
    void news.tell()
    expect(await hasEnded(edge.heard(1000))).toBe(true)
    edge.end()
    const told = news.tell()
    expect(await hasEnded(told)).toBe(false)
    news.listen('a').isCurrent()
    expect(await hasEnded(told)).toBe(true)
  })
  it('wait for nobody when nobody is about, and not for long for one that went away', async () => {
    const news = newsNow()
    expect(await hasEnded(news.tell())).toBe(true)
    news.listen('a').end()
    const told = news.tell()
    await vi.advanceTimersByTimeAsync(2999)
    expect(await hasEnded(told)).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await hasEnded(told)).toBe(true)
    expect(await hasEnded(news.tell())).toBe(true)
  })
  it('do not wait again for an edge that did not take them, until it comes with the newest', async () => {
    const news = newsNow()
    news.listen('a')
    const told = news.tell()
    await vi.advanceTimersByTimeAsync(3000)
    expect(await hasEnded(told)).toBe(true)
    news.listen('a')
    expect(await hasEnded(news.tell())).toBe(true)
    news.listen('a').isCurrent()
    expect(await hasEnded(news.tell())).toBe(false)
  })
  it('hold nobody once the process stops', async () => {
    const news = newsNow()
    const [first, second] = [news.listen('a'), news.listen('a')]
    const heard = first.heard(1000)
    const told = news.tell()
    news.close()
    expect(await hasEnded(heard)).toBe(true)
    expect(await hasEnded(told)).toBe(true)
    expect(await hasEnded(second.heard(1000))).toBe(true)
    expect(await hasEnded(news.tell())).toBe(true)
  })
  it('end a wait in which nothing changed', async () => {
    const edge = newsNow().listen('a')
    const heard = edge.heard(1000)
    await vi.advanceTimersByTimeAsync(999)
    expect(await hasEnded(heard)).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await hasEnded(heard)).toBe(true)
  })
})
