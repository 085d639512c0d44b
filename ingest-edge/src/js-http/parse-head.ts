/**
 * The head of an HTTP/1.1 request, read strictly: what RFC 9112 lets a server refuse is refused, so that nobody can
 * read the same bytes in two ways. No folded lines, no bare line feeds, no space before a colon, no HTTP/1.0.
 */

export interface ParsedHead {
  readonly method: string
  /** As sent, without what follows a question mark. */
  readonly path: string
  /** Name in lower case and value, in their order; one string each, in turn. */
  readonly headers: readonly string[]
  readonly framing: Framing
  readonly expectsContinue: boolean
  /** The client ends the connection behind this request. */
  readonly close: boolean
}

/**
 * How the body is framed: by its length in bytes, in chunks, or `unreadable` when the head says it in a way that has a
 * code of its own in the answer (twice, or another coding than chunked); nothing behind such a head may be read.
 */
export type Framing = number | 'chunked' | 'unreadable'

const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
])
const HEADERS_MAX = 100
/** Sticky, so that each match begins where the last one ended: what is between two headers is part of neither. */
const REQUEST_LINE = /([A-Z]+) ((?:\/|https?:\/\/)[\x21-\x7e]*|\*) HTTP\/1\.1\r\n/y
const HEADER = /([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)\r\n/y
const LENGTH = /^\d{1,10}$/

interface Marks {
  hosts: number
  length: string | null
  coding: string | null
  /** Content-length or transfer-encoding stands there more than once. */
  repeated: boolean
  expectsContinue: boolean
  close: boolean
}

/** Of the latin1 text up to and with the line feed of the last header; null for what is no request. */
export function parseHead(text: string): ParsedHead | null {
  REQUEST_LINE.lastIndex = 0
  const line = REQUEST_LINE.exec(text)
  const [, method = '', target = ''] = line ?? []
  if (line === null || !METHODS.has(method)) return null
  const headers = readHeaders(text, REQUEST_LINE.lastIndex)
  if (headers === null) return null
  const marks = readMarks(headers)
  const framing = framingOf(marks)
  if (marks.hosts !== 1 || framing === null) return null
  const query = target.indexOf('?')
  const path = query === -1 ? target : target.slice(0, query)
  return { method, path, headers, framing, expectsContinue: marks.expectsContinue, close: marks.close }
}

function readHeaders(text: string, start: number): string[] | null {
  const headers: string[] = []
  HEADER.lastIndex = start
  for (let at = start; at < text.length; at = HEADER.lastIndex) {
    const match = HEADER.exec(text)
    if (match === null || headers.length === HEADERS_MAX * 2) return null
    const [, name = '', value = ''] = match
    headers.push(name.toLowerCase(), value.trimEnd())
  }
  return headers
}

function readMarks(headers: readonly string[]): Marks {
  const marks: Marks = { hosts: 0, length: null, coding: null, repeated: false, expectsContinue: false, close: false }
  for (let i = 0; i + 1 < headers.length; i += 2) mark(marks, headers[i] ?? '', headers[i + 1] ?? '')
  return marks
}

function mark(marks: Marks, name: string, value: string): void {
  switch (name) {
    case 'host':
      marks.hosts++
      break
    case 'content-length':
      marks.repeated ||= marks.length !== null
      marks.length = value
      break
    case 'transfer-encoding':
      marks.repeated ||= marks.coding !== null
      marks.coding = value
      break
    case 'expect':
      marks.expectsContinue = value.toLowerCase() === '100-continue'
      break
    case 'connection':
      marks.close ||= /(^|,)[ \t]*close[ \t]*(,|$)/i.test(value)
      break
    default:
  }
}

/** Null: length and coding together, or a length that is none; the request ends and with it the connection. */
function framingOf(marks: Marks): Framing | null {
  const { length, coding } = marks
  if (length !== null && coding !== null) return null
  if (length !== null && !LENGTH.test(length)) return null
  if (marks.repeated) return 'unreadable'
  if (coding !== null) return coding.toLowerCase() === 'chunked' ? 'chunked' : 'unreadable'
  return length === null ? 0 : Number(length)
}
