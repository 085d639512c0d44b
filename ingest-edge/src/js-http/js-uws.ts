/**
 * The JavaScript engine: an HTTP/1.1 server over node:net with the part of uWebSockets.js's interface that the edge uses,
 * for systems where no native build loads. It skips what makes node:http expensive per request: streams, header objects
 * and a timer for each connection.
 */
import { type AddressInfo, createServer, type Server } from 'node:net'
import type { EngineApp, EngineHandler, Uws } from '../load-uws.ts'
import { JsConnection } from './js-connection.ts'
import { JsRequest } from './js-response.ts'
import { Ticks } from './ticks.ts'

class JsApp implements EngineApp<Server> {
  readonly #connections = new Set<JsConnection>()
  #handler: EngineHandler = (response) => response.end('')
  #ticks: Ticks | null = null

  any(_pattern: '/*', handler: EngineHandler): void {
    this.#handler = handler
  }

  listen(host: string, port: number, _options: number, listening: (server: Server | false) => void): void {
    const ticks = new Ticks(() => {
      for (const connection of this.#connections) connection.sweep()
    })
    this.#ticks = ticks
    const server = createServer({ noDelay: true }, (socket) => {
      const connection = new JsConnection(socket, ticks, (response, head) =>
        this.#handler(response, new JsRequest(head)),
      )
      this.#connections.add(connection)
      socket.once('close', () => this.#connections.delete(connection))
    })
    server.once('error', () => {
      ticks.stop()
      listening(false)
    })
    server.listen({ host, port, exclusive: true }, () => {
      // From here on an error is about one connection that could not be accepted; the others go on.
      server.removeAllListeners('error').on('error', () => {})
      listening(server)
    })
  }

  close(): void {
    this.#ticks?.stop()
    for (const connection of this.#connections) connection.destroy()
  }
}

export const jsUws: Uws<Server> = {
  App: () => new JsApp(),
  us_socket_local_port: (server) => (server.address() as AddressInfo).port,
  us_listen_socket_close: (server) => {
    server.close()
  },
}
