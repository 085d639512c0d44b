import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openRawClient, type RawAnswer, sendRaw } from '../test-support/raw-client.ts'
import { testEngines } from '../test-support/test-engines.ts'
import { type Exchange, type HttpServer, openHttpServer } from './http-server.ts'
import { loadUws } from './load-uws.ts'

const REQUEST = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}'

describe.each(testEngines())('openHttpServer over what throws, $name engine', ({ httpEngine }) => {
  let server: HttpServer
  let handle: (exchange: Exchange) => void
  let faults: unknown[]
  let failed: (exchange: Exchange) => void
  beforeEach(async () => {
    faults = []
    failed = (exchange) => exchange.answer('500 Internal Server Error', [], 'fault')
    server = await openHttpServer({
      uws: loadUws(httpEngine).uws,
      host: '127.0.0.1',
      port: 0,
      handle: (exchange) => handle(exchange),
      failed: (exchange, fault) => {
        faults.push(fault)
        failed(exchange)
      },
    })
  })
  afterEach(() => {
    server.stopListening()
    server.close()
  })

  const fault = new Error('boom')
  const boom = () => {
    throw fault
  }
  const shown = (answer: RawAnswer | null) => [answer?.status, answer?.body]
  async function expectAlive(): Promise<void> {
    handle = (exchange) => exchange.answer('200 OK', [], 'alive')
    expect(shown(await sendRaw(server.port, REQUEST))).toEqual([200, 'alive'])
    expect(server.openExchanges).toBe(0)
  }

  it.each([
    ['handler', boom],
    ['receiver of a body', (exchange: Exchange) => exchange.readBody(boom)],
  ])('a %s that throws fails its request, once, and the next is answered', async (_, throwing) => {
    handle = throwing
    expect(shown(await sendRaw(server.port, REQUEST))).toEqual([500, 'fault'])
    expect(faults).toEqual([fault])
    await expectAlive()
  })

  it('a request whose failure can not be answered either gets a bare 500', async () => {
    handle = boom
    failed = boom
    expect(shown(await sendRaw(server.port, REQUEST))).toEqual([500, ''])
    await expectAlive()
  })

  it('a throw at the going of a client is told, and the request counts as ended', async () => {
    handle = (exchange) => {
      exchange.onAborted = boom
    }
    const client = await openRawClient(server.port)
    client.send(REQUEST)
    await vi.waitFor(() => expect(server.openExchanges).toBe(1))
    client.destroy()
    await vi.waitFor(() => expect(faults).toEqual([fault]), { timeout: 60_000 })
    await expectAlive()
  })

  it('an answer that can not be written is told, and the request counts as ended', async () => {
    const unprintable = { toString: boom } as unknown as string
    handle = (exchange) => exchange.answer('200 OK', ['x-fault', unprintable], '')
    const client = await openRawClient(server.port)
    client.send(REQUEST)
    await vi.waitFor(() => expect(faults).toHaveLength(1), { timeout: 60_000 })
    client.destroy()
    await expectAlive()
  })
})
