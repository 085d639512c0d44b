import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { guardedFetch, OutboundError } from './guarded-fetch.ts'

let server: Server
let url: string
beforeAll(async () => {
  server = createServer((req, res) => {
    if (req.url === '/redirect') res.writeHead(302, { location: 'http://169.254.169.254/' }).end()
    else if (req.url === '/large') res.end(Buffer.alloc(2_000_000))
    else if (req.url === '/echo') req.pipe(res)
    else res.writeHead(201, { 'x-test': 'yes' }).end('hello')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  await new Promise<void>((resolve) => server.close(() => resolve()))
})

const open = guardedFetch({ allowPrivate: false, allowLoopback: true })
const closed = guardedFetch({ allowPrivate: false, allowLoopback: false })

describe('guardedFetch', () => {
  test('answers as fetch does', async () => {
    const answer = await open(url)
    expect([answer.status, answer.headers.get('x-test'), await answer.text()]).toEqual([201, 'yes', 'hello'])
    const echo = await open(`${url}/echo`, { method: 'POST', body: new URLSearchParams({ a: 'b c' }) })
    expect(await echo.text()).toBe('a=b+c')
  })

  test('follows no redirect and reads no endless answer', async () => {
    await expect(open(`${url}/redirect`)).rejects.toThrow(/redirect/)
    await expect(open(`${url}/large`)).rejects.toThrow(/bytes/)
  })

  test.each([
    'https://127.0.0.1',
    'https://localhost',
    'https://[::1]',
    'https://[::ffff:127.0.0.1]',
    'https://2130706433',
    'https://0x7f.1',
    'https://10.0.0.1',
    'https://192.168.1.1',
    'https://169.254.169.254/latest/meta-data',
    'https://[fd00::1]',
    'https://0.0.0.0',
    'http://93.184.216.34',
    'ftp://93.184.216.34',
    'file:///etc/passwd',
    'https://user:password@93.184.216.34',
  ])('does not call %s', async (address) => {
    await expect(closed(address)).rejects.toThrow(OutboundError)
  })

  test('calls loopback where it may, but nothing else without TLS', async () => {
    await expect(open('http://10.0.0.1')).rejects.toThrow(OutboundError)
    await expect(open('http://example.invalid')).rejects.toThrow(OutboundError)
  })
})
