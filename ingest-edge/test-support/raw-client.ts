/** Sends exact bytes and reads HTTP answers: for what no HTTP library would send. */
import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

export interface RawClient {
  send(bytes: string | Buffer): void
  /** The next answer; null when the connection ended without one. */
  answer(): Promise<RawAnswer | null>
  /** Resolves when the server has ended the connection. */
  closed: Promise<void>
  destroy(): void
}

export async function openRawClient(port: number): Promise<RawClient> {
  const socket = connect({ host: '127.0.0.1', port })
  let received = Buffer.alloc(0)
  let ended = false
  let wake: () => void = () => {}
  const closed = new Promise<void>((resolve) => {
    const end = () => {
      ended = true
      wake()
      resolve()
    }
    socket.on('end', end)
    socket.on('close', end)
  })
  // A reset is one way for the server to end the connection.
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    wake()
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve())
    socket.once('error', reject)
  })
  const answer = async (): Promise<RawAnswer | null> => {
    for (;;) {
      const parsed = parseAnswer(received)
      if (parsed !== null) {
        received = received.subarray(parsed.length)
        if (parsed.answer.status !== 100) return parsed.answer
        continue
      }
      if (ended) return null
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return { send: (bytes) => sendTo(socket, bytes), answer, closed, destroy: () => socket.destroy() }
}

function sendTo(socket: Socket, bytes: string | Buffer): void {
  socket.write(bytes)
}

function parseAnswer(bytes: Buffer): { answer: RawAnswer; length: number } | null {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd === -1) return null
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n')
  const headers = new Map(
    lines.map((line) => [line.split(':', 1)[0]?.toLowerCase() ?? '', line.slice(line.indexOf(':') + 1).trim()]),
  )
  const bodyLength = Number(headers.get('content-length') ?? 0)
  const start = headEnd + 4
  if (bytes.length < start + bodyLength) return null
  const body = bytes.toString('utf8', start, start + bodyLength)
  return { answer: { status: Number(statusLine.split(' ')[1]), headers, body }, length: start + bodyLength }
}

/** One request on a connection of its own. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<RawAnswer | null> {
  const client = await openRawClient(port)
  client.send(bytes)
  const answer = await client.answer()
  client.destroy()
  return answer
}

/** The bytes of a POST to /v1/ingest; content-length is added unless the headers frame the body themselves. */
export function ingestBytes(
  body: string | Buffer,
  headers: readonly string[] = ['Content-Type: application/json'],
): Buffer {
  const bytes = Buffer.from(body)
  const framed = headers.some((header) => /^(content-length|transfer-encoding)\s*:/i.test(header))
  const lines = [
    'POST /v1/ingest HTTP/1.1',
    'Host: localhost',
    ...headers,
    ...(framed ? [] : [`Content-Length: ${bytes.length}`]),
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes])
}
