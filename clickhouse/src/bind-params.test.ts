import { describe, expect, test } from 'vitest'
import { bindParams } from './bind-params.ts'

describe('bindParams', () => {
  test('puts a typed literal in the place of a placeholder', () => {
    expect(bindParams('SELECT {a:UInt64}', { a: 5 })).toBe("SELECT CAST('5', 'UInt64')")
  })

  test('escapes what could end the literal', () => {
    expect(bindParams('{a:String}', { a: "x' OR \\' 1=1 --" })).toBe("CAST('x\\' OR \\\\\\' 1=1 --', 'String')")
  })

  test('leaves braces in strings, names, comments and here-documents alone', () => {
    const text = 'SELECT \'{a:String}\', `{a:String}`, "{a:String}" -- {a:String}\n/* {a:String} */ $x$ {a:String} $x$'
    expect(bindParams(text)).toBe(text)
  })

  test('a value that looks like a placeholder is not replaced again', () => {
    expect(bindParams('{a:String} {b:String}', { a: '{b:String}', b: 'x' })).toBe(
      "CAST('{b:String}', 'String') CAST('x', 'String')",
    )
  })

  test('dates follow the type: milliseconds, seconds or the day', () => {
    const d = new Date(Date.UTC(2026, 10, 1, 2, 3, 4, 5))
    expect(bindParams('{d:DateTime64(3)} {d:DateTime} {d:Date}', { d })).toBe(
      "CAST('2026-11-01 02:03:04.005', 'DateTime64(3)') CAST('2026-11-01 02:03:04', 'DateTime') CAST('2026-11-01', 'Date')",
    )
  })

  test('lists, null and identifiers have forms of their own', () => {
    expect(
      bindParams('{l:Array(String)} {n:Nullable(String)} {t:Identifier}', {
        l: ["a'"],
        n: null,
        t: 'ecomind.usage_1m',
      }),
    ).toBe("CAST(['a\\''], 'Array(String)') CAST(NULL, 'Nullable(String)') `ecomind`.`usage_1m`")
  })

  test.each([
    ['a missing value', '{a:String}', {}],
    ['a value without a placeholder', 'SELECT 1', { a: 1 }],
    ['an integer beyond 2^53', '{a:UInt64}', { a: 2 ** 53 }],
    ['not a number', '{a:Float64}', { a: Number.NaN }],
    ['a type that is none', "{a:String') OR (1}", { a: 'x' }],
    ['an identifier with a quote', '{a:Identifier}', { a: 'x`y' }],
    ['a name inherited from Object', '{constructor:String}', {}],
  ])('refuses %s', (_, text, params) => {
    expect(() => bindParams(text, params)).toThrow(RangeError)
  })
})
