import { expect, test } from 'vitest'
import { findLeaks, type SeenAnswer } from './find-leaks.ts'

const SECRET = 'zqb1f2e3'
const search = { secrets: [SECRET, 'zqc9'], said: ['user-zqb1f2e3-4'] }
const answer = (body: string, headers: Record<string, string> = {}): SeenAnswer => ({
  status: 200,
  headers,
  body: Buffer.from(body),
})
const hexEscaped = [...SECRET].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')

test.each([
  ['as it is', answer(`{"items":[{"model":"model-${SECRET}"}]}`)],
  ['in capitals', answer(SECRET.toUpperCase())],
  ['in a header', answer('', { etag: `"${SECRET}"` })],
  ['in base64', answer(JSON.stringify({ cursor: Buffer.from(`{"at":"${SECRET}"}`).toString('base64url') }))],
  ['escaped', answer(`"${hexEscaped}"`)],
  ['percent-encoded', answer(`%7A%71${SECRET.slice(2)}`)],
  ['backwards', answer([...SECRET].reverse().join(''))],
  ['beside what was said', answer(`no user-${SECRET}-4, but user-${SECRET}-5`)],
])('finds a secret %s', (_, leaking) => {
  expect(findLeaks(leaking, search)).toEqual([SECRET])
})

test.each([
  ['an answer without one', answer('{"items":[]}')],
  ['what was said, in any case', answer('{"user_id":"USER-zqb1f2e3-4"}')],
  ['what was said, in a cursor', answer(Buffer.from('user-zqb1f2e3-4').toString('base64'))],
])('finds nothing in %s', (_, clean) => {
  expect(findLeaks(clean, search)).toEqual([])
})
