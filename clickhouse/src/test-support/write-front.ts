/**
 * A small HTTP front over the engine in this process that also writes, for tests of the HTTP client only: no server binary
 * can be had here. It speaks as much of ClickHouse's HTTP interface as HttpClickHouse uses, and has no walls at all.
 */
import { writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Session } from 'chdb'
import { bindParams } from '../bind-params.ts'

export interface WriteFront {
  readonly url: string
  close(): Promise<void>
}

export async function openWriteFront(dataDir: string, spoolDir: string): Promise<WriteFront> {
  const server = createServer((request, response) => {
    void answer(request, response, dataDir, join(spoolDir, 'front.native'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const INSERT = /^(INSERT INTO \S+) (SETTINGS [\s\S]*) FORMAT Native$/

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  dataDir: string,
  file: string,
): Promise<void> {
  const session = new Session(dataDir)
  try {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const inUrl = url.searchParams.get('query')
    const insert = INSERT.exec((inUrl ?? '').trim())
    if (insert !== null) await writeFile(file, body)
    const text =
      insert === null
        ? [inUrl ?? '', body.toString()].join('\n')
        : `${insert[1]} SELECT * FROM file('${file}', 'Native') ${insert[2]}`
    const params = Object.fromEntries(
      [...url.searchParams].flatMap(([k, v]) => (k.startsWith('param_') ? [[k.slice(6), v]] : [])),
    )
    const result = await session.queryAsync(bindParams(text, params, 'escaped'), { format: 'TabSeparated' })
    response.end(Buffer.from(result.bytes()))
  } catch (cause) {
    response.statusCode = 500
    response.end(`${cause instanceof Error ? cause.message : cause} (version 26.7 test)`)
  } finally {
    session.close()
  }
}
