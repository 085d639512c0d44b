import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countMembers, countMembersInText, findDuplicateKeys } from './json-scan.ts'
import { parseBody } from './parse-body.ts'

const parse = (text: string | Buffer, format: 'json' | 'ndjson' = 'json') => {
  const outcome = parseBody(Buffer.from(text), format, 5)
  if (outcome.kind === 'refused') return outcome.refusal.code
  return { values: outcome.values, malformed: [...(outcome.malformed?.keys() ?? [])] }
}
const duplicates = (text: string, format: 'json' | 'ndjson' = 'json') => {
  const outcome = parseBody(Buffer.from(text), format, 5)
  return outcome.kind === 'refused' ? outcome.refusal.code : [...outcome.duplicates()]
}

describe('parseBody', () => {
  it('takes one event, an array, an envelope and lines', () => {
    expect(parse('{"a":1}')).toEqual({ values: [{ a: 1 }], malformed: [] })
    expect(parse('[{"a":1},2]')).toEqual({ values: [{ a: 1 }, 2], malformed: [] })
    expect(parse('{"events":[{"a":1}]}')).toEqual({ values: [{ a: 1 }], malformed: [] })
    expect(parse('{"a":1}\n\r\n \t\n{"a":2}\r\n', 'ndjson')).toEqual({ values: [{ a: 1 }, { a: 2 }], malformed: [] })
    expect(parse('"text"')).toEqual({ values: ['text'], malformed: [] })
  })

  it('ignores a byte order mark', () => {
    expect(parse('\ufeff{"a":1}')).toEqual({ values: [{ a: 1 }], malformed: [] })
    expect(parse('\ufeff{"a":1}\n{"a":2}', 'ndjson')).toEqual({ values: [{ a: 1 }, { a: 2 }], malformed: [] })
  })

  it('turns a line that is not JSON into one malformed event', () => {
    expect(parse('{"a":1}\n{oops\n{"a":2}', 'ndjson')).toEqual({ values: [{ a: 1 }, null, { a: 2 }], malformed: [1] })
  })

  it.each([
    ['', 'no_events'],
    [' \n ', 'no_events'],
    ['[]', 'no_events'],
    ['{"events":[]}', 'no_events'],
    ['{"a":', 'malformed_json'],
    ['{"a":NaN}', 'malformed_json'],
    ["{'a':1}", 'malformed_json'],
    ['{"a":1}{"a":2}', 'malformed_json'],
    ['[1,2,3,4,5,6]', 'too_many_events'],
    ['{"events":{}}', 'field_type'],
    ['{"events":[],"other":1}', 'unknown_field'],
    ['{"events":[],"Prompt":1}', 'content_not_allowed'],
  ])('refuses %j as %s', (text, code) => {
    expect(parse(text)).toBe(code)
  })

  it('refuses bytes that are not UTF-8', () => {
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xc3]]) {
      expect(parse(Buffer.from([0x22, ...bytes, 0x22]))).toBe('invalid_utf8')
    }
  })

  it('says where a text stops being JSON but never what stands there', () => {
    const outcome = parseBody(Buffer.from('{"a":CANARY}'), 'json', 5)
    expect(JSON.stringify(outcome)).not.toContain('CANARY')
  })

  it('finds repeated keys of events, however they are written, and says where', () => {
    expect(duplicates('{"a":1,"\\u0061":2}')).toEqual([[0, 'a']])
    expect(duplicates('[{"a":1},{"b":{"c":1,"c":2}}]')).toEqual([[1, 'b.c']])
    expect(duplicates('{"events":[{"a":{"x":1}},{"a":"},{","a":1}]}')).toEqual([[1, 'a']])
    expect(duplicates('{"a":1}\n{bad\n{"a":1,"a":1}', 'ndjson')).toEqual([[2, 'a']])
    expect(duplicates('{"events":[{"a":1}],"events":[{"a":1}]}')).toEqual([[-1, 'events']])
    expect(duplicates('[{"a":"a","b":["a","a"],"c":{"a":1}}]')).toEqual([])
  })
})

describe('countMembersInText', () => {
  it('counts what the parsed value has, for any value without repeated keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value, null, 1)
        const bytes = Buffer.from(text)
        expect(countMembersInText(bytes, 0, bytes.length, true)).toBe(countMembers(JSON.parse(text)))
        if (text.includes('\\')) return
        expect(countMembersInText(bytes, 0, bytes.length, false)).toBe(countMembers(JSON.parse(text)))
      }),
      { numRuns: 2000 },
    )
  })

  it('counts more than the parsed value has as soon as a key is repeated anywhere', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, key) => {
        const member = `${JSON.stringify(key)}:1`
        const text = `[${JSON.stringify(value)},{"x":{${member},${member}}}]`
        const bytes = Buffer.from(text)
        expect(countMembersInText(bytes, 0, bytes.length, true)).toBe(countMembers(JSON.parse(text)) + 1)
        const found: string[] = []
        findDuplicateKeys(text, (path) => found.push(path.join('.')))
        expect(found).toEqual([`1.x.${key}`])
      }),
      { numRuns: 1000 },
    )
  })
})
