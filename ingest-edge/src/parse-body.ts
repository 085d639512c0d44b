/** From the bytes of a body to the values of its events; what they hold is checked later. */
import { isAscii, isUtf8 } from 'node:buffer'
import { type EventRejection, isContentField } from '@ecomind/schemas'
import type { Refusal } from './errors.ts'
import { countMembersInText, findDuplicateKeys, formatPath } from './json-scan.ts'

export type BodyFormat = 'json' | 'ndjson'

export interface ParsedEvents {
  readonly kind: 'events'
  /** One value an event, in the order of the body. */
  readonly values: readonly unknown[]
  /** Lines of NDJSON that are not JSON, by the index of their event; their value is null. */
  readonly malformed: ReadonlyMap<number, EventRejection> | null
  /** Members of the events' objects as the text has them; more than the values have when a key is repeated. */
  readonly members: number
  /** True when no string can hold a control character, a lone surrogate or anything beyond ASCII. */
  readonly plain: boolean
  /** Path of the first repeated key, by the index of its event; `ENVELOPE` for a key beside the events. */
  duplicates(): ReadonlyMap<number, string>
}

export const ENVELOPE = -1

export type ParseOutcome = ParsedEvents | { readonly kind: 'refused'; readonly refusal: Refusal }

/**
 * Reads a whole body. A JSON text is one event, an array of events, or an object whose only key is `events`. NDJSON
 * is one event a line; blank lines are skipped, a line that is not JSON becomes one refused event. A byte order mark
 * is ignored.
 */
export function parseBody(bytes: Buffer, format: BodyFormat, maxEvents: number): ParseOutcome {
  const ascii = isAscii(bytes)
  if (!ascii && !isUtf8(bytes)) return refuse('invalid_utf8', 'read body: it is not valid UTF-8')
  const body = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
  const plain = ascii && !body.includes(BACKSLASH) && !body.includes(DELETE)
  return format === 'json' ? parseJson(body, ascii, plain, maxEvents) : parseLines(body, ascii, plain, maxEvents)
}

const BACKSLASH = 0x5c
const DELETE = 0x7f
const NEWLINE = 0x0a

function parseJson(body: Buffer, ascii: boolean, plain: boolean, maxEvents: number): ParseOutcome {
  const text = body.toString(ascii ? 'latin1' : 'utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (text.trim() === '') return refuse('no_events', 'read body: it is empty, at least one event is wanted')
    return refuse('malformed_json', malformedMessage('parse body', error))
  }
  const members = countMembersInText(body, 0, body.length, !plain)
  if (isRecord(value) && Object.hasOwn(value, 'events')) return parseEnvelope(value, text, members, plain, maxEvents)
  const values = Array.isArray(value) ? value : [value]
  const eventAt = Array.isArray(value) ? 0 : null
  return events(values, maxEvents, members, plain, () => duplicatesOf(text, eventAt))
}

function parseEnvelope(
  envelope: Record<string, unknown>,
  text: string,
  members: number,
  plain: boolean,
  maxEvents: number,
): ParseOutcome {
  const keys = Object.keys(envelope)
  const content = keys.find(isContentField)
  if (content !== undefined) {
    return refuse('content_not_allowed', `read body: ${formatPath([content])} carries content; send metadata only`)
  }
  const other = keys.find((key) => key !== 'events')
  if (other !== undefined) return refuse('unknown_field', `read body: ${formatPath([other])} stands beside events`)
  const values = envelope['events']
  if (!Array.isArray(values)) return refuse('field_type', 'read body: events is not an array')
  return events(values, maxEvents, members - 1, plain, () => duplicatesOf(text, 1))
}

function parseLines(body: Buffer, ascii: boolean, plain: boolean, maxEvents: number): ParseOutcome {
  const values: unknown[] = []
  const lines: string[] = []
  let malformed: Map<number, EventRejection> | null = null
  let members = 0
  for (let from = 0; from < body.length; ) {
    const newline = body.indexOf(NEWLINE, from)
    const to = newline === -1 ? body.length : newline
    const line = body.toString(ascii ? 'latin1' : 'utf8', from, to)
    if (!isBlank(line)) {
      if (values.length === maxEvents) return tooMany(maxEvents)
      lines.push(line)
      try {
        values.push(JSON.parse(line))
        members += countMembersInText(body, from, to, !plain)
      } catch (error) {
        malformed ??= new Map()
        malformed.set(values.length, { code: 'malformed_json', message: malformedMessage('parse line', error) })
        values.push(null)
      }
    }
    from = to + 1
  }
  return events(values, maxEvents, members, plain, () => duplicatesOfLines(lines, malformed), malformed)
}

function events(
  values: readonly unknown[],
  maxEvents: number,
  members: number,
  plain: boolean,
  duplicates: () => ReadonlyMap<number, string>,
  malformed: ReadonlyMap<number, EventRejection> | null = null,
): ParseOutcome {
  if (values.length === 0) return refuse('no_events', 'read body: it holds no event, at least one is wanted')
  if (values.length > maxEvents) return tooMany(maxEvents)
  return { kind: 'events', values, malformed, members, plain, duplicates }
}

/** `eventAt` is the level of the path that counts the events; null when the text is one event. */
function duplicatesOf(text: string, eventAt: number | null): ReadonlyMap<number, string> {
  const first = new Map<number, string>()
  findDuplicateKeys(text, (path) => {
    const index = eventAt === null ? 0 : path.length <= eventAt ? ENVELOPE : Number(path[eventAt])
    if (!first.has(index))
      first.set(index, formatPath(index === ENVELOPE || eventAt === null ? path : path.slice(eventAt + 1)))
  })
  return first
}

function duplicatesOfLines(lines: readonly string[], malformed: ReadonlyMap<number, unknown> | null) {
  const first = new Map<number, string>()
  lines.forEach((line, index) => {
    const path = malformed?.has(index) === true ? undefined : duplicatesOf(line, null).get(0)
    if (path !== undefined) first.set(index, path)
  })
  return first
}

/** The engine's own message quotes the body, which must not leave it; the position is all that is taken over. */
function malformedMessage(action: string, error: unknown): string {
  const position = /at position (\d+)/.exec((error as Error).message)?.[1]
  return position === undefined ? `${action}: it is not JSON` : `${action}: it is not JSON at position ${position}`
}

const tooMany = (maxEvents: number) =>
  refuse('too_many_events', `read body: more than ${maxEvents} events; split the request`)

function refuse(code: Refusal['code'], message: string): ParseOutcome {
  return { kind: 'refused', refusal: { code, message } }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isBlank(line: string): boolean {
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i)
    if (code !== 0x20 && code !== 0x09 && code !== 0x0d) return false
  }
  return true
}
