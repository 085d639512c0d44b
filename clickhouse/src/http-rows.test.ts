import { describe, expect, test } from 'vitest'
import { parseRows, requireNoException } from './http-rows.ts'

const EXCEPTION = 'Code: 159. DB::Exception: Timeout exceeded: elapsed 1 s. (TIMEOUT_EXCEEDED) (version 26.7)'

describe('parseRows', () => {
  test('gives a row a line, none for nothing', () => {
    expect(parseRows('ask', '{"a":1}\n{"a":"x\\ny"}\n')).toEqual([{ a: 1 }, { a: 'x\ny' }])
    expect(parseRows('ask', '')).toEqual([])
  })

  test.each([
    ['bare', `{"a":1}\n${EXCEPTION}\n`],
    ['inside a row', `{"a":1}\n{"a":${EXCEPTION}`],
    [
      'marked, as newer servers do',
      `{"a":1}\n__exception__\r\nabcdefgh\r\n${EXCEPTION}\n100 abcdefgh\r\n__exception__\r\n`,
    ],
  ])('an exception behind rows, %s, is an error with its code and never fewer rows', (_, body) => {
    expect(() => parseRows('ask', body)).toThrow(expect.objectContaining({ code: 159, retryable: true }))
  })

  test('words of a user that look like an exception are a value', () => {
    expect(parseRows('ask', `${JSON.stringify({ a: EXCEPTION })}\n`)).toEqual([{ a: EXCEPTION }])
  })

  test.each(['{"a":1}\n{"a":', '{"a":1}\n<html>', 'null'])(
    'an answer that is not whole is worth another try: %j',
    (body) => {
      expect(() => parseRows('ask', body)).toThrow(
        expect.objectContaining({ code: null, retryable: true, outcome: 'unknown' }),
      )
    },
  )
})

describe('requireNoException', () => {
  test('takes an empty answer, refuses an exception at its end', () => {
    requireNoException('insert', '')
    expect(() => requireNoException('insert', EXCEPTION)).toThrow(
      expect.objectContaining({ code: 159, outcome: 'unknown' }),
    )
  })
})
