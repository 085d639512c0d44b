/** The head of a request, and what it says about the body. */
import type { Refusal } from './errors.ts'
import type { BodyFormat } from './parse-body.ts'

/** What is read from the head of a request; absent headers are ''. */
export class RequestHead {
  method = ''
  path = ''
  host = ''
  contentType = ''
  contentLength = ''
  contentEncoding = ''
  transferEncoding = ''
  origin = ''
  requestId = ''
  authorization = ''
  /** True when content-length, transfer-encoding or content-encoding stands there more than once. */
  ambiguous = false

  set(name: string, value: string): void {
    switch (name) {
      case 'content-type':
        this.contentType = value
        break
      case 'content-length':
        this.ambiguous ||= this.contentLength !== ''
        this.contentLength = value
        break
      case 'content-encoding':
        this.ambiguous ||= this.contentEncoding !== ''
        this.contentEncoding = value
        break
      case 'transfer-encoding':
        this.ambiguous ||= this.transferEncoding !== ''
        this.transferEncoding = value
        break
      case 'host':
        this.host = value
        break
      case 'origin':
        this.origin = value
        break
      case 'x-request-id':
        this.requestId = value
        break
      case 'authorization':
        // Two of them are no credentials at all: joined as HTTP joins headers, they have no form that is known.
        this.authorization = this.authorization === '' ? value : `${this.authorization}, ${value}`
        break
      default:
    }
  }
}

/** The format that content-type names. Parameters other than charset are ignored, charset must be UTF-8. */
export function readFormat(head: RequestHead): BodyFormat | Refusal {
  if (head.contentType === 'application/json') return 'json'
  const [type = '', ...parameters] = head.contentType.toLowerCase().split(';')
  const format = FORMATS.get(type.trim())
  if (format === undefined) {
    const message = 'read content-type: application/json or application/x-ndjson is wanted'
    return { code: 'unsupported_media_type', message }
  }
  const charset = parameters.map((p) => /^\s*charset\s*=\s*"?([^"]*?)"?\s*$/.exec(p)?.[1]).find((c) => c !== undefined)
  if (charset === undefined || charset === 'utf-8' || charset === 'utf8') return format
  return { code: 'unsupported_media_type', message: 'read content-type: charset utf-8 is wanted' }
}

const FORMATS: ReadonlyMap<string, BodyFormat> = new Map([
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
])

export function readEncoding(head: RequestHead): 'identity' | 'gzip' | Refusal {
  if (head.contentEncoding === '') return 'identity'
  const encoding = head.contentEncoding.trim().toLowerCase()
  if (encoding === '' || encoding === 'identity') return 'identity'
  if (encoding === 'gzip' || encoding === 'x-gzip') return 'gzip'
  return { code: 'unsupported_encoding', message: 'read content-encoding: gzip or none is wanted' }
}

/** The content-length, or null for a chunked body. A request without either has no body. */
export function readLength(head: RequestHead): number | null | Refusal {
  if (head.ambiguous) {
    const message = 'read head: content-length, transfer-encoding or content-encoding stands more than once'
    return { code: 'malformed_request', message, close: true }
  }
  if (head.transferEncoding !== '') {
    if (head.transferEncoding.trim().toLowerCase() === 'chunked') return null
    return { code: 'unsupported_encoding', message: 'read transfer-encoding: chunked or none is wanted', close: true }
  }
  if (head.contentLength === '') return 0
  const length = head.contentLength.trim()
  if (/^\d{1,15}$/.test(length)) return Number(length)
  return { code: 'malformed_request', message: 'read head: content-length is not a number of bytes', close: true }
}
