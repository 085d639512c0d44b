/** One keep-alive connection with at most one request under way; with `retry` it comes back and sends the same bytes again. */
import { connect, type Socket } from 'node:net'
import { type Answer, AnswerReader } from './answer-reader.ts'

export interface ConnectionOptions {
  readonly host: string
  readonly port: number
  readonly retry: boolean
  /** All connections read into the same bytes: an answer is looked at before the next read. */
  readonly readInto: Buffer
  /** Called for the answer of a request: with `retry` for the final one only. */
  readonly onAnswer: (connection: Connection, answer: Answer) => void
  readonly onRetry: (status: number | null) => void
  /** Only without `retry`. */
  readonly onBroken: (error: Error) => void
}

const RETRY_PAUSE_MS = 50

export class Connection {
  readonly #options: ConnectionOptions
  readonly #reader: AnswerReader
  #socket: Socket
  #ready = false
  #request: Buffer | null = null
  #closing = false
  #onReady: (() => void) | null
  /** When the request under way was due. */
  dueMs = 0

  constructor(options: ConnectionOptions, onReady: () => void) {
    this.#options = options
    this.#reader = new AnswerReader((answer) => this.#answered(answer))
    this.#onReady = onReady
    this.#socket = this.#connect()
  }

  /** The bytes must stay as they are until the answer. */
  send(request: Buffer): void {
    this.#request = request
    if (this.#ready) this.#socket.write(request)
  }

  close(): void {
    this.#closing = true
    this.#socket.end()
  }

  #connect(again = false): Socket {
    const { host, port, readInto } = this.#options
    const callback = (length: number, bytes: Uint8Array): boolean => {
      this.#reader.push(bytes as Buffer, length)
      return true
    }
    const socket = connect({ host, port, noDelay: true, onread: { buffer: readInto, callback } })
    socket.once('connect', () => {
      this.#ready = true
      this.#onReady?.()
      this.#onReady = null
      if (again && this.#request !== null) socket.write(this.#request)
    })
    // What broke is told by `close`, which always follows.
    let cause: Error | undefined
    socket.on('error', (error) => {
      cause = error
    })
    socket.once('close', () => this.#broken(cause))
    return socket
  }

  #broken(cause: Error | undefined): void {
    this.#ready = false
    if (this.#closing) return
    const error = new Error('run load: the server closed a connection', { cause })
    if (!this.#options.retry) {
      this.#options.onBroken(error)
      return
    }
    this.#reader.reset()
    if (this.#request !== null) this.#options.onRetry(null)
    setTimeout(() => {
      if (!this.#closing) this.#socket = this.#connect(true)
    }, RETRY_PAUSE_MS)
  }

  #answered(answer: Answer): void {
    const request = this.#request
    if (request === null) {
      this.#options.onBroken(new Error('read answers: more answers than requests'))
      return
    }
    if (this.#options.retry && (answer.status === 503 || answer.status === 429)) {
      this.#options.onRetry(answer.status)
      const socket = this.#socket
      setTimeout(() => {
        // A connection that broke meanwhile has sent it already when it came back.
        if (this.#ready && this.#socket === socket) socket.write(request)
      }, RETRY_PAUSE_MS)
      return
    }
    this.#request = null
    this.#options.onAnswer(this, answer)
  }
}
