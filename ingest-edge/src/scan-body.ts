/** From the text of a body to slices of its events, when all of it is plain and right; see `scan-event.ts`. */
import { isUtf8 } from 'node:buffer'
import { byteAt, hasEscapeFarOn, isWide, loadText, ODD, skipSpace, standsAt, wordOf } from './json-bytes.ts'
import type { BodyFormat } from './parse-body.ts'
import { type ScanRules, scanEvent } from './scan-event.ts'
import { forgetTags } from './scan-tags.ts'

const NEWLINE = 0x0a
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** Events of the body that was scanned last. */
let count = 0

/** How many events of the body are in the slices: all of them, or 0 when it must be read in the slow way. */
export function scanBody(body: Uint8Array, format: BodyFormat, rules: ScanRules, maxEvents: number): number {
  if (!loadText(body) || hasEscapeFarOn(body.length)) return 0
  count = 0
  forgetTags()
  const end = format === 'ndjson' ? scanLines(body.length, rules, maxEvents) : scanJson(rules, maxEvents)
  if (end === ODD || skipSpace(end, true) !== body.length || (isWide() && !isUtf8(body))) return 0
  return count
}

function scanJson(rules: ScanRules, maxEvents: number): number {
  const from = skipSpace(0, true)
  if (byteAt(from) === OPEN_ARRAY) return scanArray(from, rules, maxEvents)
  const array = arrayInEnvelope(from)
  if (array === ODD) return scanEvent(count++, from, rules, true)
  const end = scanArray(array, rules, maxEvents)
  if (end === ODD) return ODD
  const close = skipSpace(end, true)
  return byteAt(close) === CLOSE_OBJECT ? close + 1 : ODD
}

const EVENTS = wordOf('"events"')

/** Where the array of `{"events": [...]}` begins, or ODD when the object is none of these. */
function arrayInEnvelope(from: number): number {
  if (byteAt(from) !== OPEN_OBJECT) return ODD
  const key = skipSpace(from + 1, true)
  if (!standsAt(EVENTS, key)) return ODD
  const colon = skipSpace(key + EVENTS.length, true)
  return byteAt(colon) === COLON ? skipSpace(colon + 1, true) : ODD
}

function scanArray(from: number, rules: ScanRules, maxEvents: number): number {
  if (byteAt(from) !== OPEN_ARRAY) return ODD
  for (let at = from + 1; count < maxEvents; at++) {
    const end = scanEvent(count++, skipSpace(at, true), rules, true)
    if (end === ODD) return ODD
    at = skipSpace(end, true)
    if (byteAt(at) === CLOSE_ARRAY) return at + 1
    if (byteAt(at) !== COMMA) return ODD
  }
  return ODD
}

function scanLines(length: number, rules: ScanRules, maxEvents: number): number {
  let at = skipSpace(0, true)
  while (at < length) {
    const end = count < maxEvents ? scanEvent(count++, at, rules, false) : ODD
    if (end === ODD) return ODD
    const lineEnd = skipSpace(end, false)
    if (lineEnd < length && byteAt(lineEnd) !== NEWLINE) return ODD
    at = skipSpace(lineEnd, true)
  }
  return at
}
