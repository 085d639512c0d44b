import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type LockSession, openLockSession } from './lock-session.ts'

const message = (kind: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5)
  head.write(kind)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
const READY = message('Z', Buffer.from('I'))
const DONE = Buffer.concat([message('C', Buffer.from('SELECT 0\0')), READY])

/** Speaks as much of PostgreSQL as a session needs; `pg_advisory_lock` waits for `lockMs`. */
function slowLock(lockMs: number): Promise<{ server: Server; url: string }> {
  const server = createServer((socket: Socket) => {
    let started = false
    let waits = false
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      if (!started) {
        started = true
        socket.write(Buffer.concat([message('R', Buffer.alloc(4)), READY]))
        return
      }
      const text = data.toString('latin1')
      if (text.includes('pg_advisory_lock(')) waits = true
      // Sync ends an extended query, Q is a whole simple one.
      if (!text.includes('S\0\0\0\x04') && !text.startsWith('Q')) return
      const answer = () =>
        socket.write(
          text.startsWith('Q')
            ? DONE
            : Buffer.concat([
                message('1', Buffer.alloc(0)),
                message('2', Buffer.alloc(0)),
                message('n', Buffer.alloc(0)),
                DONE,
              ]),
        )
      if (waits) setTimeout(answer, lockMs)
      else answer()
      waits = false
    })
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      resolve({ server, url: `postgres://someone@127.0.0.1:${port}/any?sslmode=disable` })
    })
  })
}

let server: Server | undefined
let session: LockSession | undefined
afterEach(async () => {
  await session?.close()
  server?.close()
})

test('a session that waits for the lock is not taken for one whose server is silent', async () => {
  const slow = await slowLock(6_500)
  server = slow.server
  session = await openLockSession(slow.url, 1)
  const locked = session.lock(15_000).then(
    () => 'locked',
    (error: Error) => error.message,
  )
  await new Promise((resolve) => setTimeout(resolve, 200))
  const asked = session.isWanted().catch((error: Error) => error.message)
  expect(await locked).toBe('locked')
  expect(await asked).toBe(false)
  expect(session.isLost()).toBe(false)
}, 20_000)
