import { describe, expect, it } from 'vitest'
import { parseHead } from './parse-head.ts'

const head = (...lines: string[]) => parseHead(`${lines.join('\r\n')}\r\n`)
const post = (...headers: string[]) => head('POST /v1/ingest HTTP/1.1', 'Host: localhost', ...headers)

describe('parseHead', () => {
  it('reads method, path and headers', () => {
    expect(head('GET /health?x=1?y HTTP/1.1', 'HOST:localhost', 'X-Odd: \t \u00ff a  ', 'Empty:')).toEqual({
      method: 'GET',
      path: '/health',
      headers: ['host', 'localhost', 'x-odd', '\u00ff a', 'empty', ''],
      framing: 0,
      expectsContinue: false,
      close: false,
    })
  })

  it.each([
    ['content-length: 12', 12],
    ['Content-Length:0012', 12],
    ['Transfer-Encoding: CHUNKED', 'chunked'],
    ['Transfer-Encoding: gzip, chunked', 'unreadable'],
    ['Transfer-Encoding: ', 'unreadable'],
    ['Content-Length: 3\r\nContent-Length: 3', 'unreadable'],
    ['Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', 'unreadable'],
  ])('frames the body of %j by %j', (lines, framing) => {
    expect(post(lines)?.framing).toBe(framing)
  })

  it('reads what a client wants of the connection', () => {
    expect(post('Connection: keep-alive, Close')?.close).toBe(true)
    expect(post('Connection: closed')?.close).toBe(false)
    expect(post('Expect: 100-Continue')?.expectsContinue).toBe(true)
  })

  it.each([
    ['a name of no method', ['FETCH / HTTP/1.1', 'Host: a']],
    ['a method in lower case', ['get / HTTP/1.1', 'Host: a']],
    ['HTTP/1.0', ['GET / HTTP/1.0', 'Host: a']],
    ['HTTP/2', ['GET / HTTP/2', 'Host: a']],
    ['two spaces', ['GET  / HTTP/1.1', 'Host: a']],
    ['a space in the target', ['GET /a b HTTP/1.1', 'Host: a']],
    ['a target that is no path', ['GET :a/b HTTP/1.1', 'Host: a']],
    ['a control character in the target', ['GET /\u0000 HTTP/1.1', 'Host: a']],
    ['an empty line before it', ['', 'GET / HTTP/1.1', 'Host: a']],
    ['no host', ['GET / HTTP/1.1']],
    ['two hosts', ['GET / HTTP/1.1', 'Host: a', 'Host: a']],
    ['a space before the colon', ['GET / HTTP/1.1', 'Host : a']],
    ['a folded line', ['GET / HTTP/1.1', 'Host: a', 'X: b', ' c']],
    ['a name with a space', ['GET / HTTP/1.1', 'Host: a', 'X Y: b']],
    ['a header without a name', ['GET / HTTP/1.1', 'Host: a', ': b']],
    ['a header without a colon', ['GET / HTTP/1.1', 'Host: a', 'X']],
    ['a bare line feed', ['GET / HTTP/1.1', 'Host: a\nX: b']],
    ['a bare carriage return', ['GET / HTTP/1.1', 'Host: a\rX: b']],
    ['a NUL in a value', ['GET / HTTP/1.1', 'Host: a', 'X: \u0000']],
    ['length and coding', ['GET / HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Transfer-Encoding: chunked']],
    ['a signed length', ['GET / HTTP/1.1', 'Host: a', 'Content-Length: +1']],
    ['a list of lengths', ['GET / HTTP/1.1', 'Host: a', 'Content-Length: 1, 1']],
    ['an empty length', ['GET / HTTP/1.1', 'Host: a', 'Content-Length:']],
    ['a length of a terabyte', ['GET / HTTP/1.1', 'Host: a', 'Content-Length: 999999999999']],
    ['101 headers', ['GET / HTTP/1.1', 'Host: a', ...Array.from({ length: 100 }, (_, i) => `X-${i}: 1`)]],
  ])('refuses %s', (_name, lines) => {
    expect(head(...lines)).toBeNull()
  })
})
