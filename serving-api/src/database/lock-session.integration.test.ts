/** Against a server of the tester's choice: set ECOMIND_TEST_DATABASE_URL. */
import { afterEach, describe, expect, test } from 'vitest'
import { type LockSession, openLockSession } from './lock-session.ts'

const url = process.env['ECOMIND_TEST_DATABASE_URL'] ?? ''
const NUMBER = 77

const open: LockSession[] = []
afterEach(async () => {
  for (const session of open.splice(0)) await session.close()
})
async function session(): Promise<LockSession> {
  const one = await openLockSession(url, NUMBER)
  open.push(one)
  return one
}

describe('a lock between processes', () => {
  test('names what is wrong when no server answers', async () => {
    await expect(openLockSession('postgres://nobody@127.0.0.1:1/none', NUMBER)).rejects.toThrow(/control store: /)
  })

  if (url !== '') {
    test('is shared by many, held alone by one, and wanted while somebody waits', async () => {
      const [a, b, c] = [await session(), await session(), await session()]
      await a.share()
      await b.share()
      expect(await a.isWanted()).toBe(false)
      await expect(c.lock(100)).rejects.toMatchObject({ sqlState: '55P03' })
      const alone = c.lock(60_000)
      await expect.poll(() => a.isWanted()).toBe(true)
      await a.unshare()
      const again = a.share()
      await b.unshare()
      await alone
      await expect.poll(() => c.isWanted()).toBe(true)
      await c.unlock()
      await again
    })

    test('is gone with its session', async () => {
      const [a, b] = [await session(), await session()]
      await a.lock(1_000)
      await a.close()
      expect(a.isLost()).toBe(true)
      await b.lock(10_000)
    })
  }
})
