/** One request of the JavaScript engine on its way to an answer, with the interface of uWebSockets.js. */
import type { EngineRequest, EngineResponse } from '../load-uws.ts'
import type { ParsedHead } from './parse-head.ts'

/** What an answer needs of its connection. */
export interface AnswerSink {
  /** Writes bytes that are no answer yet. */
  sendInterim(text: string): void
  /** Writes the answer; `close` ends the connection behind it. */
  sendAnswer(text: string, close: boolean): void
  /** Value of the date header. */
  date(): string
}

export class JsRequest implements EngineRequest {
  readonly #head: ParsedHead

  constructor(head: ParsedHead) {
    this.#head = head
  }

  getMethod(): string {
    return this.#head.method
  }

  getUrl(): string {
    return this.#head.path
  }

  forEach(visit: (name: string, value: string) => void): void {
    const { headers } = this.#head
    for (let i = 0; i + 1 < headers.length; i += 2) visit(headers[i] ?? '', headers[i + 1] ?? '')
  }
}

export class JsResponse implements EngineResponse {
  readonly #sink: AnswerSink
  readonly #closes: boolean
  #expectsContinue: boolean
  #status = '200 OK'
  #lines = ''
  #receive: ((chunk: Buffer, last: boolean) => void) | null = null
  #aborted: (() => void) | null = null
  #answered = false

  constructor(sink: AnswerSink, head: ParsedHead) {
    this.#sink = sink
    this.#closes = head.close
    this.#expectsContinue = head.expectsContinue && head.framing !== 0
  }

  get answered(): boolean {
    return this.#answered
  }

  onAborted(handler: () => void): void {
    this.#aborted = handler
  }

  onData(handler: (chunk: Buffer, last: boolean) => void): void {
    this.#receive = handler
    if (!this.#expectsContinue) return
    this.#expectsContinue = false
    this.#sink.sendInterim('HTTP/1.1 100 Continue\r\n\r\n')
  }

  /** Native code gathers writes here; an answer is one write anyway. */
  cork(write: () => void): void {
    write()
  }

  writeStatus(status: string): this {
    this.#status = status
    return this
  }

  writeHeader(name: string, value: string): this {
    this.#lines += `${name}: ${value}\r\n`
    return this
  }

  end(body: string, close = false): void {
    this.#send(`content-length: ${Buffer.byteLength(body)}\r\n`, body, close)
  }

  /** Without a length the answer has no content-length, as a 204 must not. */
  endWithoutBody(length?: number, close = false): void {
    this.#send(length === undefined ? '' : `content-length: ${length}\r\n`, '', close)
  }

  /** The connection hands over a piece of the body. */
  deliver(chunk: Buffer, last: boolean): void {
    if (!this.#answered) this.#receive?.(chunk, last)
  }

  /** The connection is gone. */
  abort(): void {
    if (this.#answered) return
    this.#answered = true
    this.#aborted?.()
  }

  #send(framing: string, body: string, close: boolean): void {
    if (this.#answered) return
    this.#answered = true
    const ends = close || this.#closes
    const connection = ends ? 'connection: close\r\n' : ''
    const head = `HTTP/1.1 ${this.#status}\r\n${this.#lines}date: ${this.#sink.date()}\r\n${connection}${framing}\r\n`
    this.#sink.sendAnswer(head + body, ends)
  }
}
