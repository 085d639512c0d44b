/** Requests that no HTTP library would send: bytes onto a socket, and whatever comes back until the other side closes. */
import { connect } from 'node:net'

export interface RawResponse {
  /** Null when the connection ended without a status line. */
  readonly status: number | null
  readonly text: string
}

/** Sends the chunks in order and reads until an answer is whole, the peer closes, or the time is up. */
export function sendRaw(port: number, chunks: readonly (string | Buffer)[], timeoutMs = 20_000): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const received: Buffer[] = []
    const finish = (): void => {
      socket.destroy()
      const text = Buffer.concat(received).toString('latin1')
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1]
      resolve({ status: status === undefined ? null : Number(status), text })
    }
    socket.setTimeout(timeoutMs, finish)
    socket.on('data', (data) => {
      received.push(data)
      if (isWhole(Buffer.concat(received).toString('latin1'))) finish()
    })
    socket.on('close', finish)
    socket.on('error', (error) => {
      // A server may reset a connection it has answered or refuses to read on; what came before counts.
      if ('code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) finish()
      else reject(error)
    })
    for (const chunk of chunks) socket.write(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk)
  })
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end))?.[1]
  return length !== undefined && text.length >= end + 4 + Number(length)
}
