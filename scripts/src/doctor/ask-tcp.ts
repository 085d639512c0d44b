/** One question over plain TCP: sends bytes, collects what comes until it is enough. For servers without a client here. */
import { connect } from 'node:net'

export interface TcpQuestion {
  readonly host: string
  readonly port: number
  /** Empty: only connects. */
  readonly send: Uint8Array
  /** True when the answer is whole. */
  readonly isWhole: (answer: Buffer) => boolean
  /** Milliseconds. */
  readonly withinMs: number
}

/** Connected, but the answer did not come, or not whole: somebody else listens there. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'
}

/** @throws Error with the system's words when nobody listens; NoAnswerError when somebody does, who doesn't answer */
export function askTcp({ host, port, send, isWhole, withinMs }: TcpQuestion): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let connected = false
    let answer: Buffer = Buffer.alloc(0)
    const socket = connect({ host, port })
    const end = (error: Error | null) => {
      clearTimeout(timer)
      socket.destroy()
      if (error === null) resolve(answer)
      else reject(error)
    }
    const timer = setTimeout(() => {
      const words = `no answer within ${withinMs / 1000} s`
      end(connected ? new NoAnswerError(`connected, but ${words}`) : new Error(words))
    }, withinMs)
    socket.once('connect', () => {
      connected = true
      if (isWhole(answer)) return end(null)
      socket.write(send)
    })
    socket.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk])
      if (isWhole(answer)) end(null)
    })
    socket.once('error', (error) => end(connected ? new NoAnswerError(`connected, then: ${error.message}`) : error))
    socket.once('close', () => end(new NoAnswerError('connected, but the other side hung up')))
  })
}
