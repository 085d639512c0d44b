import { describe, expect, test } from 'vitest'
import type { ClickHouse } from './clickhouse.ts'
import { spreadQuestions } from './spread-questions.ts'

/** Answers with its name when it is told to. */
function connection(name: string) {
  const asked: string[] = []
  const waiting: { readonly text: string; readonly end: (error?: Error) => void }[] = []
  let closed = false
  const ch = {
    query: async ({ text }: { text: string }) => {
      asked.push(text)
      await new Promise<void>((resolve, reject) =>
        waiting.push({ text, end: (error) => (error === undefined ? resolve() : reject(error)) }),
      )
      return [name]
    },
    command: async ({ text }: { text: string }) => {
      asked.push(text)
    },
    insertNative: async (table: string) => {
      asked.push(table)
    },
    close: async () => {
      closed = true
    },
  } as unknown as ClickHouse
  return { ch, asked, isClosed: () => closed, end: (error?: Error) => waiting.shift()?.end(error) }
}

describe('spreadQuestions', () => {
  test('a question goes where the fewest are under way, also after one has failed', async () => {
    const [a, b] = [connection('a'), connection('b')]
    const spread = spreadQuestions([a.ch, b.ch])
    const one = spread.query({ text: '1' })
    const two = spread.query({ text: '2' })
    b.end(new Error('no'))
    await expect(two).rejects.toThrow('no')
    const three = spread.query({ text: '3' })
    const four = spread.query({ text: '4' })
    a.end()
    b.end()
    expect(await Promise.all([one, three])).toEqual([['a'], ['b']])
    a.end()
    expect(await four).toEqual(['a'])
    expect([a.asked, b.asked]).toEqual([
      ['1', '4'],
      ['2', '3'],
    ])
  })

  test('statements and inserts keep to the first, and all are closed', async () => {
    const [a, b] = [connection('a'), connection('b')]
    const spread = spreadQuestions([a.ch, b.ch])
    await spread.command({ text: 'x' })
    await spread.insertNative('t', new Uint8Array(), 'token')
    await spread.close()
    expect([a.asked, b.asked, a.isClosed(), b.isClosed()]).toEqual([['x', 't'], [], true, true])
  })
})
