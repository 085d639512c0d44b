/** Requests that are no HTTP, too slow or too long never reach Express; they get the same error shape. */
import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { ApiError } from './api-error.ts'
import { errorBody } from './translate-error.ts'

export function answerBrokenRequests(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    const answer = refusalOf(error.code)
    const body = JSON.stringify(errorBody(answer, randomUUID()))
    socket.end(
      [
        `HTTP/1.1 ${answer.status} ${answer.code}`,
        'Connection: close',
        'Content-Type: application/json; charset=utf-8',
        `Content-Length: ${Buffer.byteLength(body)}`,
        '',
        body,
      ].join('\r\n'),
    )
  })
}

function refusalOf(code: string | undefined): ApiError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new ApiError('request_timeout', 'The request did not arrive in time')
  if (code === 'HPE_HEADER_OVERFLOW')
    return new ApiError('invalid_parameter', 'The address or the headers are too long')
  return new ApiError('invalid_parameter', 'The request is not valid HTTP')
}
