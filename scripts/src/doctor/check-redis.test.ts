import { describe, expect, test } from 'vitest'
import { redisFindings } from './check-redis.ts'
import { closedPort, tcpServer } from './testing/small-servers.ts'

function answers(version: string, seconds: number, head = '') {
  const info = `# Server\r\nredis_version:${version}\r\n`
  const time = `*2\r\n$${String(seconds).length}\r\n${seconds}\r\n$1\r\n0\r\n`
  return Buffer.from(`${head}+PONG\r\n${time}$${info.length}\r\n${info}\r\n+OK\r\n`)
}

const nowSeconds = () => Math.floor(Date.now() / 1000)
const quits = (bytes: Buffer) => bytes.includes('QUIT')

describe('redisFindings', () => {
  test('a server that answers is ok, its clock too', async () => {
    const port = await tcpServer((bytes) => (quits(bytes) ? answers('7.2.1', nowSeconds()) : null))
    expect(await redisFindings(`redis://127.0.0.1:${port}`, 3000)).toEqual([
      { name: 'Redis', status: 'ok', detail: `redis://127.0.0.1:${port}, version 7.2.1` },
      { name: 'clock of Redis', status: 'ok', detail: 'agrees with ours' },
    ])
  })

  test('user and password of the address are sent, and not shown', async () => {
    let seen = ''
    const port = await tcpServer((bytes) => {
      seen = bytes.toString()
      return quits(bytes) ? answers('7.2.1', nowSeconds(), '+OK\r\n') : null
    })
    const findings = await redisFindings(`redis://edge:s%40cret-word@127.0.0.1:${port}`, 3000)
    expect(seen).toContain('AUTH\r\n$4\r\nedge\r\n$11\r\ns@cret-word\r\n')
    expect(JSON.stringify(findings)).not.toMatch(/cret-word/)
    expect(findings[0]).toMatchObject({ status: 'ok' })
  })

  test('a refused sign-in, an old version, a clock that is off', async () => {
    const locked = await tcpServer(() => Buffer.from('-NOAUTH Authentication required.\r\n'))
    expect(await redisFindings(`redis://127.0.0.1:${locked}`, 3000)).toMatchObject([
      { status: 'fault', detail: expect.stringContaining('NOAUTH') },
    ])
    const old = await tcpServer((bytes) => (quits(bytes) ? answers('5.0.7', nowSeconds() - 300) : null))
    expect(await redisFindings(`redis://127.0.0.1:${old}`, 3000)).toMatchObject([
      { status: 'warning', detail: expect.stringContaining('5.0.7') },
      { status: 'fault', detail: expect.stringMatching(/^(299|300)\.\d s behind ours$/) },
    ])
  })

  test('nobody, or somebody silent, is a fault within the time given', async () => {
    for (const port of [await closedPort(), await tcpServer(null)]) {
      expect(await redisFindings(`redis://127.0.0.1:${port}`, 100)).toMatchObject([{ status: 'fault' }])
    }
    expect(await redisFindings('not an address', 100)).toMatchObject([{ status: 'fault' }])
  })
})
