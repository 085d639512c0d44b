import { describe, expect, test } from 'vitest'
import { bindForHttp } from './http-params.ts'

describe('bindForHttp', () => {
  const text = 'SELECT {a:String}'

  test('leaves few and short values to the server', () => {
    expect(bindForHttp({ text, params: { a: "it's" } })).toEqual({ text, params: { a: "it's" } })
    expect(bindForHttp({ text: 'SELECT 1' })).toEqual({ text: 'SELECT 1' })
    expect(bindForHttp({ text: 'SELECT 1', params: {} })).toEqual({ text: 'SELECT 1' })
  })

  test('puts values that no address can carry into the text', () => {
    const long = `it's ${'x'.repeat(5000)}`
    expect(bindForHttp({ text, params: { a: long } })).toEqual({
      text: `SELECT CAST('it\\'s ${'x'.repeat(5000)}', 'String')`,
    })
  })

  test('counts what the encoding makes of them', () => {
    expect(bindForHttp({ text, params: { a: 'é'.repeat(400) } }).params).toBeUndefined()
  })
})
