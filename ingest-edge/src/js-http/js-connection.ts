/**
 * One connection of the JavaScript engine: one request after the other. Like native code it says nothing to what is no
 * request, to bytes that come before the answer to the last request (pipelining), and to silence: it ends the connection.
 *
 * HEAD: until a head is whole. BODY: until the body is whole, whoever reads it. ANSWER: until the edge answers.
 * CLOSING: the last answer is out; what still comes is dropped, so that a reset does not overtake the answer.
 */
import type { Socket } from 'node:net'
import { type BodyFrames, BodyInChunks, BodyOfLength, NOTHING } from './body-frames.ts'
import { type AnswerSink, JsResponse } from './js-response.ts'
import { type ParsedHead, parseHead } from './parse-head.ts'
import type { Ticks } from './ticks.ts'

const HEAD_END = Buffer.from('\r\n\r\n')
const HEAD_BYTES_MAX = 16_384
/** Ticks of about a second. */
const SILENCE_TICKS_MAX = 10
const CLOSING_TICKS_MAX = 2

type State = 'head' | 'body' | 'answer' | 'closing'

export class JsConnection implements AnswerSink {
  readonly #socket: Socket
  readonly #ticks: Ticks
  readonly #handle: (response: JsResponse, head: ParsedHead) => void
  #state: State = 'head'
  /** Beginning of a head. */
  #held: Buffer | null = null
  #body: BodyFrames = new BodyOfLength(0)
  #response: JsResponse | null = null
  #sinceTick: number

  constructor(socket: Socket, ticks: Ticks, handle: (response: JsResponse, head: ParsedHead) => void) {
    this.#socket = socket
    this.#ticks = ticks
    this.#handle = handle
    this.#sinceTick = ticks.now
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    // Like native code: a client that ends its half has gone. Behind the last answer the socket ends by itself.
    socket.on('end', () => {
      if (this.#state !== 'closing') this.destroy()
    })
    socket.on('close', () => this.#response?.abort())
    // A reset; 'close' follows.
    socket.on('error', () => {})
  }

  /** Ends a connection that has been silent for too long; called every tick. */
  sweep(): void {
    const ticks = this.#ticks.now - this.#sinceTick
    if (this.#state === 'answer' || ticks < CLOSING_TICKS_MAX) return
    if (this.#state === 'closing' || ticks >= SILENCE_TICKS_MAX) this.destroy()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  sendInterim(text: string): void {
    this.#socket.write(text, 'latin1')
  }

  sendAnswer(text: string, close: boolean): void {
    this.#sinceTick = this.#ticks.now
    if (close) {
      this.#state = 'closing'
      this.#socket.end(text)
      return
    }
    const roomy = this.#socket.write(text)
    // A client that does not read its answers gets to send no further requests.
    if (!roomy) this.#socket.pause().once('drain', () => this.#socket.resume())
    if (this.#state === 'answer') this.#nextRequest()
  }

  date(): string {
    return this.#ticks.date
  }

  #take(chunk: Buffer): void {
    if (this.#held === null && this.#state !== 'closing' && this.#response?.answered !== true) {
      this.#sinceTick = this.#ticks.now
    }
    let bytes = this.#held === null ? chunk : Buffer.concat([this.#held, chunk])
    this.#held = null
    while (bytes.length > 0 && !this.#socket.destroyed) {
      if (this.#state === 'closing') return
      if (this.#state === 'head') bytes = this.#takeHead(bytes)
      else if (this.#state === 'body') bytes = this.#takeBody(bytes)
      else this.destroy()
    }
  }

  /** Gives back the bytes that it did not take. */
  #takeHead(bytes: Buffer): Buffer {
    const end = bytes.indexOf(HEAD_END)
    if (end === -1 && bytes.length <= HEAD_BYTES_MAX) {
      this.#held = Buffer.from(bytes)
      return NOTHING
    }
    const head = end === -1 || end > HEAD_BYTES_MAX ? null : parseHead(bytes.toString('latin1', 0, end + 2))
    if (head === null) {
      this.destroy()
      return NOTHING
    }
    this.#begin(head)
    return bytes.subarray(end + HEAD_END.length)
  }

  #begin(head: ParsedHead): void {
    const response = new JsResponse(this, head)
    this.#response = response
    this.#state = 'body'
    this.#body = head.framing === 'chunked' ? new BodyInChunks() : new BodyOfLength(lengthOf(head))
    this.#handle(response, head)
    if (this.#state !== 'body') return
    if (head.framing === 'unreadable') this.destroy()
    else if (head.framing === 0) this.#deliver(NOTHING, true)
  }

  #takeBody(bytes: Buffer): Buffer {
    const frame = this.#body.next(bytes)
    if (frame === 'malformed') {
      this.destroy()
      return NOTHING
    }
    if (frame.body.length > 0 || frame.last) this.#deliver(frame.body, frame.last)
    return bytes.subarray(frame.taken)
  }

  #deliver(chunk: Buffer, last: boolean): void {
    this.#response?.deliver(chunk, last)
    // Whoever received it may have answered with an end to the connection.
    if (!last || this.#state !== 'body') return
    if (this.#response?.answered === true) this.#nextRequest()
    else this.#state = 'answer'
  }

  #nextRequest(): void {
    this.#state = 'head'
    this.#response = null
  }
}

const lengthOf = (head: ParsedHead): number => (typeof head.framing === 'number' ? head.framing : 0)
