/**
 * Steps over JSON text that lies in bytes, for a reader that knows what it expects. Every step takes a position and
 * gives the one behind what it stepped over, or `ODD` when it finds anything but the plain form that nearly every
 * client sends. `ODD` says nothing about right or wrong: whoever gets it starts again with `JSON.parse`. So these
 * steps may be narrower than JSON (no escapes, no fractions, no exponents), but never wider.
 *
 * There is one text at a time, and it lies in one buffer that is never replaced, because the engine reads a constant
 * buffer two to three times as fast as one that is passed in (it need not ask where it lies and, since uWebSockets.js
 * detaches buffers, whether it is still there). A zero behind the text ends every step, so none of them counts.
 */

export const ODD = -1

/** Longest text that is taken; longer ones go the slow way. The default limit of a body. */
const TEXT_BYTES_MAX = 1 << 20
/** Room behind the text for bytes that belong to it without having been sent: 1,024 ids and an organisation. */
export const BESIDE_IDS_BYTES = 36 * 1024
const BESIDE_BYTES = BESIDE_IDS_BYTES + 64
const BESIDE = TEXT_BYTES_MAX + 8
const text = Buffer.alloc(BESIDE + BESIDE_BYTES + 8)
const words = new DataView(text.buffer, text.byteOffset, text.byteLength)
/** The number that `endOfDigits` stepped over last. An array, because a variable would box it. */
const lastDigits = new Float64Array(1)

const SPACE = 0x20
const QUOTE = 0x22
const BACKSLASH = 0x5c
const DELETE = 0x7f
const FIRST_WIDE = 0x80

/** Bytes that may not stand in a plain ASCII string; 0, the end of the text, is among them. */
const STOPS = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < SPACE || byte === QUOTE || byte === BACKSLASH || byte >= DELETE ? 1 : 0,
)

/** Whether a step went over bytes beyond ASCII, which are valid UTF-8 only if somebody looks. */
let wide = false

export function isWide(): boolean {
  return wide
}

/** Takes the text that all steps are about from now on; false when it is too long. */
export function loadText(bytes: Uint8Array): boolean {
  if (bytes.length > TEXT_BYTES_MAX) return false
  text.set(bytes)
  text[bytes.length] = 0
  wide = false
  return true
}

/** Texts from this length on are searched for escapes first: that costs little, and an ODD at their end costs much. */
const SEARCHED_BYTES_MIN = 2048

/** Whether a text is long and holds an escape, so that stepping over it would end in ODD somewhere. */
export function hasEscapeFarOn(length: number): boolean {
  return length >= SEARCHED_BYTES_MIN && text.subarray(0, length).includes(BACKSLASH)
}

/** Puts ASCII beside the text and gives its place, or ODD when there is no room; `offset` is the caller's to choose. */
export function putBeside(ascii: string, offset: number): number {
  if (offset + ascii.length > BESIDE_BYTES) return ODD
  text.write(ascii, BESIDE + offset, 'latin1')
  return BESIDE + offset
}

export function byteAt(at: number): number {
  return text[at] ?? 0
}

/** A string of ASCII that lies in the text. */
export function stringOf(from: number, to: number): string {
  return text.toString('latin1', from, to)
}

/** Behind white space. `newlines`: whether a line feed is white space; in NDJSON it ends the event. */
export function skipSpace(from: number, newlines: boolean): number {
  let at = from
  for (;;) {
    const byte = byteAt(at)
    if (byte > SPACE || !isSpace(byte, newlines)) return at
    at++
  }
}

function isSpace(byte: number, newlines: boolean): boolean {
  return byte === SPACE || byte === 0x09 || byte === 0x0d || (newlines && byte === 0x0a)
}

/** The place of the quote that ends a string of visible ASCII without escapes; `from` is behind the first quote. */
export function endOfAscii(from: number): number {
  let at = from
  while (STOPS[byteAt(at)] === 0) at++
  return byteAt(at) === QUOTE ? at : ODD
}

/** The same for valid UTF-8 without control characters (C1, U+0080 to U+009F, is `C2 80` to `C2 9F`). */
export function endOfText(from: number): number {
  let at = from
  for (;;) {
    while (STOPS[byteAt(at)] === 0) at++
    const byte = byteAt(at)
    if (byte < FIRST_WIDE) return byte === QUOTE ? at : ODD
    if (byte === 0xc2 && byteAt(at + 1) < 0xa0) return ODD
    wide = true
    at++
  }
}

/**
 * Whether a slice of valid UTF-8 has so many characters (Unicode code points). A character has one byte or more, so few
 * bytes are few characters. `min` is 0 or 1, or the slice is ASCII.
 */
export function hasLength(from: number, to: number, min: number, max: number): boolean {
  const length = to - from
  return length >= min && (length <= max || countCharacters(from, to) <= max)
}

/** Every byte of valid UTF-8 but those that continue a character. */
function countCharacters(from: number, to: number): number {
  let count = 0
  for (let at = from; at < to; at++) if ((byteAt(at) & 0xc0) !== FIRST_WIDE) count++
  return count
}

/** At most this many digits: 15 nines are below 2^53. */
const DIGITS_MAX = 15

/** Behind an integer from 0 up, written without sign, fraction, exponent or leading zero; `digitsValue` has it. */
export function endOfDigits(from: number): number {
  let at = from
  let value = 0
  for (let digit = byteAt(at) - 0x30; digit >= 0 && digit <= 9; digit = byteAt(at) - 0x30) {
    value = value * 10 + digit
    at++
  }
  const count = at - from
  if (count === 0 || count > DIGITS_MAX || (count > 1 && byteAt(from) === 0x30)) return ODD
  const next = byteAt(at)
  if (next === 0x2e || (next | 0x20) === 0x65) return ODD
  lastDigits[0] = value
  return at
}

/** The number that `endOfDigits` stepped over last. */
export function digitsValue(): number {
  return lastDigits[0] ?? 0
}

/** Bytes to look for, as 32-bit words that overlap at the end; made once, because that is three times as fast. */
export interface Word {
  readonly length: number
  readonly parts: Int32Array
}

const PART_BYTES = 4

/** @throws RangeError for fewer than four bytes */
export function wordOf(ascii: string): Word {
  const bytes = Buffer.from(ascii, 'latin1')
  const { length } = bytes
  const count = Math.ceil(length / PART_BYTES)
  return { length, parts: Int32Array.from({ length: count }, (_, i) => bytes.readInt32LE(partAt(i, length))) }
}

function partAt(part: number, length: number): number {
  return Math.min(part * PART_BYTES, length - PART_BYTES)
}

/** Whether a word stands at a place. It may not hold a zero, so it never reaches behind the end of the text. */
export function standsAt({ length, parts }: Word, at: number): boolean {
  const last = parts.length - 1
  for (let i = 0; i < last; i++) if (words.getInt32(at + i * PART_BYTES, true) !== parts[i]) return false
  return words.getInt32(at + length - PART_BYTES, true) === parts[last]
}

/**
 * Copies a slice to a place elsewhere, four bytes at a time: a call of `copy` costs more than the usual text, and byte
 * by byte is half as fast. Up to three bytes behind the copy are overwritten, so there must be room for them.
 */
export function copyText(from: number, to: number, target: DataView, pos: number): number {
  let at = pos
  for (let i = from; i < to; i += PART_BYTES) {
    target.setInt32(at, words.getInt32(i, true), true)
    at += PART_BYTES
  }
  return pos + to - from
}

/** The same in small letters; for ASCII, where A to Z are all that `toLowerCase` changes. */
export function copyLowerText(from: number, to: number, target: DataView, pos: number): number {
  let at = pos
  for (let i = from; i < to; i++) {
    const byte = byteAt(i)
    target.setUint8(at++, byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte)
  }
  return at
}
