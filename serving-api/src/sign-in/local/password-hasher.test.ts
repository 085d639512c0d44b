import { hash } from '@node-rs/argon2'
import { expect, test } from 'vitest'
import { PasswordHasher } from './password-hasher.ts'

const PASSWORD = 'violet tram under rain'

test('PasswordHasher makes argon2id hashes with at least 19 MiB and two passes, and knows its own', async () => {
  const hasher = new PasswordHasher()
  const stored = await hasher.hash(PASSWORD)
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(await hasher.verify(stored, PASSWORD)).toBe(true)
  expect(await hasher.verify(stored, `${PASSWORD}!`)).toBe(false)
  expect(hasher.isOutdated(stored)).toBe(false)
})

test('PasswordHasher takes composed and decomposed letters as the same password', async () => {
  const hasher = new PasswordHasher()
  const stored = await hasher.hash('f\u00fcnf gr\u00fcne B\u00e4ume')
  expect(await hasher.verify(stored, 'fu\u0308nf gru\u0308ne Ba\u0308ume')).toBe(true)
})

test('PasswordHasher tells hashes of other parameters', async () => {
  const weaker = await hash(PASSWORD, { memoryCost: 8192, timeCost: 1 })
  expect(new PasswordHasher().isOutdated(weaker)).toBe(true)
})

test('PasswordHasher never accepts a password of an account that is not there', async () => {
  expect(await new PasswordHasher().verify(null, PASSWORD)).toBe(false)
})

test('PasswordHasher refuses more than it can queue and goes on with the others', async () => {
  const hasher = new PasswordHasher()
  const all = await Promise.allSettled(Array.from({ length: 80 }, () => hasher.verify(null, PASSWORD)))
  const refused = all.filter((r) => r.status === 'rejected')
  expect(refused).toHaveLength(80 - 66)
  expect(refused[0]?.reason).toMatchObject({ code: 'overloaded' })
  expect(await hasher.verify(null, PASSWORD)).toBe(false)
})
