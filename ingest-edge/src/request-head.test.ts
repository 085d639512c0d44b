import { describe, expect, it } from 'vitest'
import { RequestHead, readEncoding, readFormat, readLength } from './request-head.ts'

function head(headers: readonly (readonly [string, string])[]): RequestHead {
  const made = new RequestHead()
  for (const [name, value] of headers) made.set(name, value)
  return made
}
const codeOf = (read: unknown) => (typeof read === 'object' && read !== null && 'code' in read ? read.code : read)

describe('readFormat', () => {
  it.each([
    ['application/json', 'json'],
    ['Application/JSON; charset=UTF-8', 'json'],
    ['application/json;charset="utf-8"', 'json'],
    ['application/json; profile=x', 'json'],
    ['application/x-ndjson', 'ndjson'],
    ['application/json; charset=latin1', 'unsupported_media_type'],
    ['application/json, text/plain', 'unsupported_media_type'],
    ['application/jsonx', 'unsupported_media_type'],
    ['text/plain', 'unsupported_media_type'],
    ['', 'unsupported_media_type'],
  ])('reads %j as %s', (value, expected) => {
    expect(codeOf(readFormat(head([['content-type', value]])))).toBe(expected)
  })
})

describe('readEncoding', () => {
  it.each([
    ['', 'identity'],
    ['identity', 'identity'],
    ['GZIP', 'gzip'],
    ['x-gzip', 'gzip'],
    ['gzip, gzip', 'unsupported_encoding'],
    ['br', 'unsupported_encoding'],
    ['deflate', 'unsupported_encoding'],
  ])('reads %j as %s', (value, expected) => {
    expect(codeOf(readEncoding(head([['content-encoding', value]])))).toBe(expected)
  })
})

describe('readLength', () => {
  it('gives the length, null for chunked and 0 for no body', () => {
    expect(readLength(head([['content-length', '12']]))).toBe(12)
    expect(readLength(head([['transfer-encoding', 'Chunked']]))).toBeNull()
    expect(readLength(head([]))).toBe(0)
  })

  it('refuses a head that says two things', () => {
    const twice = [['content-length', '1'] as const, ['content-length', '1'] as const]
    expect(codeOf(readLength(head(twice)))).toBe('malformed_request')
    expect(codeOf(readLength(head([['content-length', '1e3']])))).toBe('malformed_request')
    expect(codeOf(readLength(head([['transfer-encoding', 'gzip, chunked']])))).toBe('unsupported_encoding')
  })
})
