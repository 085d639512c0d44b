/** How statements travel: bytes, compression, certificates, log-in, time-outs, sockets. No database behind it. */
import { createServer } from 'node:net'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { ClusterClickHouse } from './cluster-clickhouse.ts'
import { HttpClickHouse } from './http-clickhouse.ts'
import type { HttpTarget } from './http-target.ts'
import { certificate, openScriptedServer, type Script, type ScriptedServer } from './test-support/scripted-server.ts'

const SECRET = 'p4ss:w@rd/é'
const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const serve = async (script: Script, tls?: 'server-only' | 'mutual'): Promise<ScriptedServer> => {
  const server = await openScriptedServer(script, tls)
  closers.push(() => server.close())
  return server
}
const connect = (url: string, more: Partial<HttpTarget> = {}): HttpClickHouse => {
  const ch = new HttpClickHouse({ kind: 'http', url, ...more })
  closers.push(() => ch.close())
  return ch
}
const ok: Script = (_, response) => response.end()
const failureOf = async (work: Promise<unknown>): Promise<{ message: string; outcome: string; stack?: string }> =>
  await work.then(
    () => {
      throw new Error('it passed')
    },
    (error) => error,
  )

describe('bytes', () => {
  test('of a block are the same behind gzip and without it', async () => {
    const server = await serve(ok)
    const plain = connect(server.url, { compression: 'none' })
    const zipped = connect(server.url)
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 70_000 }), async (block) => {
        await plain.insertNative('usage_events', block, 't')
        expect(server.seen.at(-1)?.headers['content-encoding']).toBeUndefined()
        expect(server.seen.at(-1)?.body.equals(block)).toBe(true)
        await zipped.insertNative('usage_events', block, 't')
        expect(server.seen.at(-1)?.headers['content-encoding']).toBe('gzip')
        expect(gunzipSync(server.seen.at(-1)?.body ?? '').equals(block)).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  test('of a part of a larger buffer are that part only', async () => {
    const server = await serve(ok)
    const block = new Uint8Array(100).map((_, i) => i).subarray(10, 20)
    await connect(server.url, { compression: 'none' }).insertNative('usage_events', block, 't')
    expect([...(server.seen[0]?.body ?? [])]).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19])
  })

  test('of an answer are unpacked', async () => {
    const server = await serve((_, response) => {
      response.setHeader('content-encoding', 'gzip').end(gzipSync('{"a":1}\n'))
    })
    expect(await connect(server.url).query({ text: 'SELECT 1 AS a' })).toEqual([{ a: 1 }])
  })

  test('each statement has an id of its own and the server holds its status back until the end', async () => {
    const server = await serve(ok)
    const ch = connect(server.url)
    await ch.command({ text: 'SELECT 1' })
    await ch.command({ text: 'SELECT 1' })
    const [first, second] = server.seen.map(({ url }) => url.searchParams)
    expect(first?.get('query_id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(second?.get('query_id')).not.toBe(first?.get('query_id'))
    expect(first?.get('wait_end_of_query')).toBe('1')
  })
})

describe('the order of statements', () => {
  test.each(['one server', 'cluster'])('is that of the calls, but for what goes ahead (%s)', async (kind) => {
    let answerFirst = (): void => undefined
    const server = await serve((_, response) => {
      if (server.seen.length > 1) response.end()
      else answerFirst = () => response.end()
    })
    const plain = connect(server.url, { compression: 'none' })
    const ch = kind === 'cluster' ? new ClusterClickHouse(plain, 'c', 'any-replica') : plain
    const done: string[] = []
    const named = (name: string, work: Promise<void>) => work.then(() => void done.push(name))
    const all = [
      named('events', ch.insertNative('usage_events', new Uint8Array(1), 'a')),
      named('minutes', ch.insertNative('usage_minutes', new Uint8Array(1), 'a')),
      named('ledger', ch.insertNative('ingest_ledger', new Uint8Array(1), 'b', true)),
    ]
    await expect.poll(() => server.seen.length).toBe(1)
    answerFirst()
    await Promise.all(all)
    expect(done).toEqual(['events', 'ledger', 'minutes'])
  })
})

describe('log-in', () => {
  test('goes in a header, and a refusal says neither password nor header', async () => {
    const server = await serve((_, response) => {
      response.writeHead(403, { 'x-clickhouse-exception-code': '516' })
      response.end('Code: 516. DB::Exception: ecomind: Authentication failed. (AUTHENTICATION_FAILED)')
    })
    const ch = connect(server.url, { username: 'ecomind', password: SECRET })
    const error = await failureOf(ch.query({ text: 'SELECT 1' }))
    expect(error).toMatchObject({ code: 516, retryable: true, outcome: 'answered' })
    const seen = server.seen[0]
    const header = `Basic ${Buffer.from(`ecomind:${SECRET}`).toString('base64')}`
    expect(seen?.headers.authorization).toBe(header)
    expect(seen?.url.href).not.toContain('p4ss')
    expect(`${error.message} ${error.stack}`).not.toContain('p4ss')
    expect(`${error.message} ${error.stack}`).not.toContain(header.slice(6))
  })
})

describe('TLS', () => {
  const ca = certificate('ca.pem')
  const shown = { cert: certificate('client.pem'), key: certificate('client.key.pem') }

  test('with the authority given', async () => {
    const server = await serve(ok, 'server-only')
    await connect(server.url, { tls: { ca } }).command({ text: 'SELECT 1' })
  })

  test('a server nobody vouches for gets nothing', async () => {
    const server = await serve(ok, 'server-only')
    const error = await failureOf(connect(server.url).command({ text: 'SELECT 1' }))
    expect(error).toMatchObject({ code: null, retryable: true, outcome: 'not-sent' })
    expect(error.message).toContain('TLS: ')
    expect(server.seen).toEqual([])
  })

  test('a certificate of another name gets nothing', async () => {
    const server = await serve(ok, 'server-only')
    const url = server.url.replace('127.0.0.1', 'localhost')
    const error = await failureOf(connect(url, { tls: { ca } }).command({ text: 'SELECT 1' }))
    expect(error).toMatchObject({ outcome: 'not-sent' })
    expect(error.message).toContain('ERR_TLS_CERT_ALTNAME_INVALID')
  })

  test('a certificate of ours is shown; without a password it is the log-in', async () => {
    const server = await serve(ok, 'mutual')
    await connect(server.url, { username: 'ecomind', tls: { ca, ...shown } }).command({ text: 'SELECT 1' })
    expect(server.seen[0]?.headers).toMatchObject({
      'x-clickhouse-user': 'ecomind',
      'x-clickhouse-ssl-certificate-auth': 'on',
    })
    expect(server.seen[0]?.headers.authorization).toBeUndefined()
    await connect(server.url, { password: SECRET, tls: { ca, ...shown } }).command({ text: 'SELECT 1' })
    expect(server.seen[1]?.headers['x-clickhouse-ssl-certificate-auth']).toBeUndefined()
    expect(server.seen[1]?.headers.authorization).toBeDefined()
  })

  test('a server that wants one refuses us without', async () => {
    const server = await serve(ok, 'mutual')
    await expect(connect(server.url, { tls: { ca } }).command({ text: 'SELECT 1' })).rejects.toMatchObject({
      retryable: true,
    })
    expect(server.seen).toEqual([])
  })
})

describe('silence', () => {
  test('of a server ends in a time-out with an unknown outcome, and the next statement goes on', async () => {
    const server = await serve((request, response) => {
      if (!request.body.toString().includes('hang')) response.end()
    })
    const ch = connect(server.url, { compression: 'none', timeouts: { longMs: 300 } })
    const error = await failureOf(ch.command({ text: "SELECT 'hang'" }))
    expect(error).toMatchObject({ code: null, retryable: true, outcome: 'unknown' })
    expect(error.message).toMatch(/query id [0-9a-f-]{36}.*300 ms/)
    await ch.command({ text: 'SELECT 1' })
  })

  test('to a short command ends as soon as one to a question, on a cluster too', async () => {
    const server = await serve((request, response) => {
      if (!request.body.toString().includes('hang')) response.end()
    })
    const ch = connect(server.url, { compression: 'none', timeouts: { requestMs: 300, longMs: 3_600_000 } })
    for (const each of [ch, new ClusterClickHouse(ch, 'main', 'any-replica')]) {
      const error = await failureOf(each.command({ text: "SELECT 'hang'", isShort: true }))
      expect(error).toMatchObject({ retryable: true, outcome: 'unknown' })
      expect(error.message).toContain('300 ms')
    }
  })

  test('of a replica that is to catch up ends as soon as one to the question that waits for it', async () => {
    const server = await serve((request, response) => {
      if (!request.body.toString().includes('SYNC REPLICA')) response.end()
    })
    const ch = connect(server.url, { compression: 'none', timeouts: { requestMs: 300, longMs: 3_600_000 } })
    const error = await failureOf(
      new ClusterClickHouse(ch, 'main', 'consistent').query({ text: 'SELECT 1 FROM ecomind.ingest_ledger' }),
    )
    expect(error.message).toContain('300 ms')
  })

  test('in the middle of an answer is one too', async () => {
    const server = await serve((_, response) => {
      response.write('{"a":1}\n')
    })
    const ch = connect(server.url, { timeouts: { requestMs: 300 } })
    expect(await failureOf(ch.query({ text: 'SELECT 1' }))).toMatchObject({ outcome: 'unknown' })
  })

  test('of a host while connecting is known to have got nothing', async () => {
    const mute = createServer(() => undefined)
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    closers.push(async () => void mute.close())
    const address = mute.address()
    const port = typeof address === 'object' ? address?.port : 0
    const ch = connect(`https://127.0.0.1:${port}`, { timeouts: { connectMs: 200 } })
    const error = await failureOf(ch.command({ text: 'SELECT 1' }))
    expect(error).toMatchObject({ retryable: true, outcome: 'not-sent' })
    expect(error.message).toContain('no connection within 200 ms')
  })
})

describe('a connection', () => {
  test.each(['command', 'insert'])('that is cut behind the headers is no success of a %s', async (kind) => {
    const server = await serve((_, response) => {
      response.writeHead(200)
      response.write(' ', () => response.destroy())
    })
    const ch = connect(server.url)
    const work =
      kind === 'command' ? ch.command({ text: 'SELECT 1' }) : ch.insertNative('usage_events', new Uint8Array(9), 't')
    expect(await failureOf(work)).toMatchObject({ code: null, retryable: true, outcome: 'unknown' })
  })

  test('that the server has closed meanwhile: a question is asked again, an insert is left to its loader', async () => {
    let answered = 0
    const server = await serve((_, response) => {
      answered += 1
      if (answered % 2 === 1) response.end()
      else response.socket?.resetAndDestroy()
    })
    const ch = connect(server.url)
    await ch.query({ text: 'SELECT 1' })
    await ch.query({ text: 'SELECT 2' })
    expect(server.seen.length).toBe(3)
    const insert = ch.insertNative('usage_events', new Uint8Array(9), 't')
    expect(await failureOf(insert)).toMatchObject({ outcome: 'unknown', retryable: true })
    expect(server.seen.length).toBe(4)
  })

  test('that nobody takes got nothing', async () => {
    const server = await serve(ok)
    await server.close()
    expect(await failureOf(connect(server.url).command({ text: 'SELECT 1' }))).toMatchObject({ outcome: 'not-sent' })
    closers.length = 0
  })
})
