/** An answer of the client, read to its end. */
import { addAbortSignal, type Readable } from 'node:stream'
import type { HttpAnswer } from './http-errors.ts'

interface GivenAnswer {
  readonly stream: Readable
  readonly http_status_code?: number | undefined
  readonly response_headers: Readonly<Record<string, unknown>>
}

/** @throws what Node throws when the connection is cut before the end, or the signal ends it */
export async function readAnswer(given: GivenAnswer, signal: AbortSignal): Promise<HttpAnswer> {
  const chunks: Buffer[] = []
  addAbortSignal(signal, given.stream)
  for await (const chunk of given.stream as AsyncIterable<Buffer>) chunks.push(chunk)
  const exception = given.response_headers['x-clickhouse-exception-code']
  return {
    status: given.http_status_code ?? 0,
    exceptionCode: typeof exception === 'string' ? Number(exception) : null,
    body: Buffer.concat(chunks).toString(),
  }
}
