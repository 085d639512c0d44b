/**
 * Connections that say nothing and hold a file handle of a server each. One that the server closes is opened again, so
 * that it has none to spare until `close`.
 */
import { connect, type Socket } from 'node:net'
import { pause } from './wait-for.ts'

const AGAIN_AFTER_MS = 20

export interface IdleSockets {
  /** Ends all of them. */
  close(): void
}

export function openIdleSockets(port: number, count: number): IdleSockets {
  const sockets = new Set<Socket>()
  let closed = false
  const openOne = (): void => {
    if (closed) return
    const socket = connect({ host: '127.0.0.1', port })
    sockets.add(socket)
    socket.resume()
    // Refused or reset: what is wanted. The close that follows opens the next.
    socket.on('error', () => {})
    socket.once('close', () => {
      sockets.delete(socket)
      void pause(AGAIN_AFTER_MS).then(openOne)
    })
  }
  for (let i = 0; i < count; i++) openOne()
  return {
    close: () => {
      closed = true
      for (const socket of sockets) socket.destroy()
    },
  }
}
