/**
 * Reads the answers of one connection from bytes as they come: status, content-length, and of a 202 how many events were
 * accepted. The ids that the edge gives back are not looked at; an answer that refuses events is read as JSON.
 */

export interface Answer {
  status: number
  /** Events taken, of a 202. */
  accepted: number
  /** The first refusals as JSON text; null when nothing was refused. */
  rejected: string | null
}

const CR = 0x0d
const LF = 0x0a
const COLON = 0x3a
const DIGIT_0 = 0x30
const NAME = Buffer.from('content-length')
const ACCEPTED = Buffer.from('{"accepted":')
const NONE_REJECTED = Buffer.from(',"rejected":[]')
const REJECTED_LENGTH_MAX = 400
const STATUS_AT = 9

export class AnswerReader {
  readonly #onAnswer: (answer: Answer) => void
  readonly #answer: Answer = { status: 0, accepted: 0, rejected: null }
  /** An answer that is not whole yet. */
  #rest: Buffer | null = null

  /** `onAnswer` gets the same object each time: take what you need of it. */
  constructor(onAnswer: (answer: Answer) => void) {
    this.#onAnswer = onAnswer
  }

  /** `chunk` may be used again after the call. @throws Error for bytes that are no answer with a content-length */
  push(chunk: Buffer, length: number): void {
    const fresh = chunk.subarray(0, length)
    const bytes = this.#rest === null ? fresh : Buffer.concat([this.#rest, fresh])
    this.#rest = null
    let at = 0
    while (at < bytes.length) {
      const end = this.#read(bytes, at)
      if (end < 0) {
        this.#rest = Buffer.from(bytes.subarray(at))
        return
      }
      at = end
      this.#onAnswer(this.#answer)
    }
  }

  /** Forgets a part of an answer: its connection is gone. */
  reset(): void {
    this.#rest = null
  }

  /** Where the answer ends, or -1 when it is not whole. */
  #read(bytes: Buffer, from: number): number {
    let length = -1
    let line = from
    for (let i = from; ; i++) {
      if (i + 1 >= bytes.length) return -1
      if (bytes[i] !== CR || bytes[i + 1] !== LF) continue
      if (i === line) {
        line = i + 2
        break
      }
      if (isLength(bytes, line)) length = numberAfter(bytes, line + NAME.length + 1, i)
      line = i + 2
      i++
    }
    if (length < 0) throw new Error('read an answer: no content-length')
    const end = line + length
    if (end > bytes.length) return -1
    this.#answer.status = numberAfter(bytes, from + STATUS_AT, from + STATUS_AT + 3)
    this.#readBody(bytes, line, end)
    return end
  }

  #readBody(bytes: Buffer, from: number, end: number): void {
    const answer = this.#answer
    answer.accepted = 0
    answer.rejected = null
    if (answer.status !== 202) return
    let at = from + ACCEPTED.length
    if (startsWith(bytes, from, ACCEPTED)) {
      let digit = (bytes[at] ?? 0) - DIGIT_0
      while (digit >= 0 && digit <= 9 && at < end) {
        answer.accepted = answer.accepted * 10 + digit
        digit = (bytes[++at] ?? 0) - DIGIT_0
      }
      if (startsWith(bytes, at, NONE_REJECTED)) return
    }
    const body = JSON.parse(bytes.toString('utf8', from, end)) as { accepted?: number; rejected?: readonly unknown[] }
    answer.accepted = body.accepted ?? 0
    if ((body.rejected?.length ?? 0) > 0) answer.rejected = JSON.stringify(body.rejected).slice(0, REJECTED_LENGTH_MAX)
  }
}

function isLength(bytes: Buffer, at: number): boolean {
  if (bytes[at + NAME.length] !== COLON) return false
  // Letters of either case; the only other byte of the name is the dash, which has the bit set already.
  for (let i = 0; i < NAME.length; i++) if (((bytes[at + i] ?? 0) | 0x20) !== NAME[i]) return false
  return true
}

/** The digits in a span; blanks are passed over. */
function numberAfter(bytes: Buffer, from: number, to: number): number {
  let value = 0
  for (let i = from; i < to; i++) {
    const digit = (bytes[i] ?? 0) - DIGIT_0
    if (digit >= 0 && digit <= 9) value = value * 10 + digit
  }
  return value
}

function startsWith(bytes: Buffer, at: number, wanted: Buffer): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false
  return true
}
