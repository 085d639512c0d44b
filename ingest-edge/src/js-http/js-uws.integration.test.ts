/** The JavaScript engine against node:http as the reference: what it takes, node:http takes with the same meaning. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Server as JsServer } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRawClient } from '../../test-support/raw-client.ts'
import type { EngineApp } from '../load-uws.ts'
import { jsUws } from './js-uws.ts'

const JS = 0
const NODE = 1
const EXCLUSIVE = 1

interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: readonly string[]
  readonly body: string
}

const stripQuery = (url: string) => url.replace(/\?.*$/s, '')

describe('the JavaScript engine beside node:http', () => {
  const app: EngineApp<JsServer> = jsUws.App()
  const ports = [0, 0]
  /** Whole requests that each server has seen since the last look. */
  const seen: Seen[][] = [[], []]
  let node: Server

  beforeAll(async () => {
    app.any('/*', (response, request) => {
      const headers: string[] = []
      const [method, path] = [request.getMethod(), request.getUrl()]
      request.forEach((name, value) => {
        headers.push(name, value)
      })
      const chunks: Buffer[] = []
      response.onAborted(() => {})
      response.onData((chunk, last) => {
        chunks.push(Buffer.from(chunk as Buffer))
        if (!last) return
        seen[JS]?.push({ method, path, headers, body: Buffer.concat(chunks).toString('latin1') })
        response.writeStatus('200 OK').end('')
      })
    })
    ports[JS] = await new Promise<number>((resolve) => {
      app.listen('127.0.0.1', 0, EXCLUSIVE, (socket) =>
        resolve(socket === false ? 0 : jsUws.us_socket_local_port(socket)),
      )
    })
    node = createServer((request, response) => {
      const headers = request.rawHeaders.map((text, i) => (i % 2 === 0 ? text.toLowerCase() : text))
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { method = '', url = '' } = request
        seen[NODE]?.push({ method, path: stripQuery(url), headers, body: Buffer.concat(chunks).toString('latin1') })
        response.end()
      })
    })
    ports[NODE] = await new Promise<number>((resolve) => {
      node.listen(0, '127.0.0.1', () => resolve((node.address() as AddressInfo).port))
    })
  })
  afterAll(() => {
    app.close()
    node.closeAllConnections()
    node.close()
  })

  /** Sends the bytes in pieces; what the server saw, and the status of its answer. */
  async function ask(
    server: number,
    bytes: Buffer,
    cuts: readonly number[],
  ): Promise<{ saw: Seen[]; status: number | null }> {
    seen[server] = []
    const client = await openRawClient(ports[server] ?? 0)
    let start = 0
    for (const cut of [...cuts.map((c) => c % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
      client.send(bytes.subarray(start, cut))
      start = cut
      await new Promise((resolve) => setImmediate(resolve))
    }
    // Ends a request that wants more: the server must not wait for it, nor the test.
    const ended = new Promise<null>((resolve) => setTimeout(() => resolve(null), server === JS ? 150 : 300))
    const answer = await Promise.race([client.answer(), ended])
    client.destroy()
    return { saw: seen[server] ?? [], status: answer?.status ?? null }
  }

  const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,12}$/).map((name) => `X-${name}`)
  const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/)
  const cuts = fc.array(fc.nat(600), { maxLength: 4 })
  const request = fc
    .record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
      path: fc.webPath().map((path) => (path.startsWith('/') ? path : `/${path}`)),
      headers: fc.array(fc.tuple(token, value), { maxLength: 8 }),
      body: fc.uint8Array({ maxLength: 200 }),
      chunked: fc.boolean(),
    })
    .map(({ method, path, headers, body, chunked }) => {
      const lines = headers.map(([name, text]) => `${name}: ${text}`)
      const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`
      const start = [`${method} ${path} HTTP/1.1`, 'Host: localhost', ...lines, framing].join('\r\n')
      const text = Buffer.from(body)
      const size = Buffer.from(`${text.length.toString(16)}\r\n`)
      const end = Buffer.from('\r\n0\r\n\r\n')
      const framed = !chunked ? [text] : text.length === 0 ? [Buffer.from('0\r\n\r\n')] : [size, text, end]
      return Buffer.concat([Buffer.from(`${start}\r\n\r\n`), ...framed])
    })

  it('reads valid requests as node:http does, however they come', async () => {
    await fc.assert(
      fc.asyncProperty(request, cuts, async (bytes, where) => {
        const js = await ask(JS, bytes, where)
        const reference = await ask(NODE, bytes, where)
        expect(js).toEqual(reference)
        expect([js.saw.length, js.status]).toEqual([1, 200])
      }),
      { numRuns: 100 },
    )
  })

  it('takes no changed request that node:http refuses or reads in another way', async () => {
    const flip = fc.tuple(fc.nat(600), fc.constantFrom(0, 9, 10, 13, 32, 43, 44, 45, 48, 58, 59, 0x7f, 0xff, 97, 84))
    await fc.assert(
      fc.asyncProperty(request, fc.array(flip, { minLength: 1, maxLength: 3 }), async (bytes, flips) => {
        const changed = Buffer.from(bytes)
        for (const [at, byte] of flips) changed.writeUInt8(byte, at % changed.length)
        const js = await ask(JS, changed, [])
        if (js.saw.length > 0) expect(js.saw).toEqual((await ask(NODE, changed, [])).saw)
      }),
      { numRuns: 150 },
    )
  })
})
