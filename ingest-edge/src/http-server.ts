/**
 * The only file that knows the interface of uWebSockets.js, which both engines have. It turns the engine's request,
 * which is valid inside its callback only, into an `Exchange` that lives until it is answered or its client goes away.
 *
 * What the engines do by themselves, before any code of ours runs: they close connections whose request line, chunk
 * sizes or content-length are malformed, that carry content-length and transfer-encoding together, that stay silent for
 * about ten seconds, or that send a second request before the answer to a POST (HTTP pipelining).
 *
 * A throw inside of a callback of the native engine ends the process, so none leaves this file: it fails its request.
 */

import type { EngineRequest, EngineResponse, Uws } from './load-uws.ts'
import { RequestHead } from './request-head.ts'

/** Refuses a second listener on the port; without it Linux would share the port silently. */
const LISTEN_EXCLUSIVE_PORT = 1

function readHead(request: EngineRequest): RequestHead {
  const head = new RequestHead()
  const method = request.getMethod()
  head.method = method === 'post' ? 'POST' : method.toUpperCase()
  head.path = request.getUrl()
  request.forEach((name, value) => {
    head.set(name, value)
  })
  return head
}

/** Name and value, name and value, ... */
export type HeaderList = readonly string[]

/** What an exchange tells its server. */
interface ExchangeOwner {
  readonly ended: () => void
  readonly failed: (exchange: Exchange, fault: unknown) => void
}

/** One request and its answer. */
export class Exchange {
  readonly head: RequestHead
  readonly #response: EngineResponse
  readonly #owner: ExchangeOwner
  #open = true
  /** Called once when the client goes away before the answer. */
  onAborted: (() => void) | null = null

  constructor(response: EngineResponse, head: RequestHead, owner: ExchangeOwner) {
    this.head = head
    this.#response = response
    this.#owner = owner
    response.onAborted(() => this.#abort())
  }

  /** False once it was answered or its client went away. */
  get open(): boolean {
    return this.#open
  }

  /**
   * Gives the pieces of the body as they come. The bytes are valid during the call only: copy what must stay.
   * Must be called before the request handler returns.
   */
  readBody(receive: (chunk: Uint8Array, last: boolean) => void): void {
    this.#response.onData((chunk, last) => {
      // A Buffer of the same bytes costs three times as much to make.
      if (!this.#open) return
      try {
        receive(chunk instanceof ArrayBuffer ? new Uint8Array(chunk) : chunk, last)
      } catch (error) {
        this.fail(error)
      }
    })
  }

  /** For what was thrown while this request was handled: it is told to the server, which answers. Never throws. */
  fail(fault: unknown): void {
    try {
      this.#owner.failed(this, fault)
    } catch {
      this.answer('500 Internal Server Error', [], '', true)
    }
  }

  /** Answers; does nothing when the client is gone. `close` ends the connection behind the answer. */
  answer(status: string, headers: HeaderList, body: string, close = false): void {
    if (!this.#open) return
    this.#open = false
    this.#response.cork(() => {
      try {
        this.#write(status, headers, body, close)
      } catch (error) {
        this.fail(error)
      }
    })
    this.#owner.ended()
  }

  #write(status: string, headers: HeaderList, body: string, close: boolean): void {
    const response = this.#response.writeStatus(status)
    for (let i = 0; i + 1 < headers.length; i += 2) response.writeHeader(headers[i] ?? '', headers[i + 1] ?? '')
    if (status.startsWith('204')) {
      // Without arguments: an undefined length would be written out as a number.
      response.endWithoutBody()
    } else if (this.head.method === 'HEAD') {
      response.endWithoutBody(Buffer.byteLength(body), close)
    } else {
      response.end(body, close)
    }
  }

  #abort(): void {
    if (!this.#open) return
    this.#open = false
    try {
      this.onAborted?.()
    } catch (error) {
      this.fail(error)
    }
    this.#owner.ended()
  }
}

export interface HttpServer {
  readonly port: number
  /** Requests that are not answered yet. */
  readonly openExchanges: number
  /** Takes no new connections; those that are open go on. */
  stopListening(): void
  /** Resolves when no request is open. */
  idle(): Promise<void>
  /** Cuts what is still connected. */
  close(): void
}

export interface ListenOptions {
  readonly uws: Uws
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** Takes every request; must answer or read the body before it returns. */
  readonly handle: (exchange: Exchange) => void
  /** Takes what was thrown on the way to an answer, and answers where the exchange is still open. */
  readonly failed: (exchange: Exchange, fault: unknown) => void
}

/** @throws Error that names EDGE_PORT when the port cannot be had */
export function openHttpServer(options: ListenOptions): Promise<HttpServer> {
  const { uws } = options
  const app = uws.App()
  let open = 0
  let idle: (() => void) | null = null
  const owner: ExchangeOwner = {
    ended: () => {
      open--
      if (open === 0) idle?.()
    },
    failed: options.failed,
  }
  app.any('/*', (response, request) => {
    open++
    const exchange = new Exchange(response, readHead(request), owner)
    try {
      options.handle(exchange)
    } catch (error) {
      exchange.fail(error)
    }
  })
  const serverOf = (socket: object): HttpServer => ({
    port: uws.us_socket_local_port(socket),
    get openExchanges() {
      return open
    },
    stopListening: once(() => uws.us_listen_socket_close(socket)),
    idle: () =>
      new Promise((resolve) => {
        idle = resolve
        if (open === 0) resolve()
      }),
    close: once(() => app.close()),
  })
  return new Promise((resolve, reject) => {
    app.listen(options.host, options.port, LISTEN_EXCLUSIVE_PORT, (socket) => {
      if (socket === false) reject(new Error(portMessage(options)))
      else resolve(serverOf(socket))
    })
  })
}

function portMessage(options: ListenOptions): string {
  return `listen on ${options.host}: EDGE_PORT ${options.port} is taken by another process or not permitted; free it or set EDGE_PORT to another port`
}

function once(action: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    action()
  }
}
