/**
 * The one socket of an HttpClickHouse. Node's agent knows no limit for connecting and doesn't say whether a request that
 * failed had left this process; both matter here: what was not sent may be sent again without a second thought.
 */
import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import type { HttpTls } from './http-target.ts'

export interface AgentOptions {
  readonly secure: boolean
  readonly tls: HttpTls
  readonly connectMs: number
}

/** What was known of the socket when a statement began. */
export interface SocketMark {
  readonly opened: number
}

export interface HttpAgent {
  readonly agent: http.Agent
  mark(): SocketMark
  /** Since the mark, no connection stood on which anything could be sent. */
  nothingSent(since: SocketMark): boolean
  /** The statement went out on a connection that had been used before: the server may have closed it meanwhile. */
  reusedSocket(since: SocketMark): boolean
}

export class ConnectTimeoutError extends Error {
  override readonly name = 'ConnectTimeoutError'
  readonly code = 'ETIMEDOUT'
}

/** Long statements say nothing for minutes; a peer that is gone is noticed by these probes. */
const KEEP_ALIVE_PROBE_MS = 30_000

export function createHttpAgent({ secure, tls, connectMs }: AgentOptions): HttpAgent {
  let opened = 0
  let ready = false
  const common = { keepAlive: true, maxSockets: 1, keepAliveMsecs: KEEP_ALIVE_PROBE_MS }
  const agent = secure ? new https.Agent({ ...common, ...tls, rejectUnauthorized: true }) : new http.Agent(common)
  const connect = agent.createConnection.bind(agent)
  agent.createConnection = (options, callback) => {
    opened += 1
    ready = false
    const socket = connect(options, callback) as Socket | undefined
    if (socket !== undefined) {
      watchConnecting(socket, secure ? 'secureConnect' : 'connect', connectMs, () => {
        ready = true
      })
    }
    return socket
  }
  return {
    agent,
    mark: () => ({ opened }),
    nothingSent: (since) => opened > since.opened && !ready,
    reusedSocket: (since) => opened === since.opened,
  }
}

function watchConnecting(socket: Socket, event: string, connectMs: number, onReady: () => void): void {
  const timer = setTimeout(() => {
    socket.destroy(new ConnectTimeoutError(`no connection within ${connectMs} ms`))
  }, connectMs)
  socket.once('close', () => clearTimeout(timer))
  socket.once(event, () => {
    clearTimeout(timer)
    onReady()
  })
}
