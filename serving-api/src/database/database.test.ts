import { expect, test } from 'vitest'
import { DatabaseError, toDatabaseError } from './database.ts'

test.each([
  ['a refused connection', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), null, true],
  ['a server that stops', Object.assign(new Error('terminating'), { code: '57P01' }), '57P01', true],
  ['too many connections', Object.assign(new Error('sorry'), { code: '53300' }), '53300', true],
  ['a unique violation', Object.assign(new Error('duplicate key'), { code: '23505' }), '23505', false],
  ['a text', 'gone', null, true],
])('%s', (_name, thrown, sqlState, unavailable) => {
  const error = toDatabaseError(thrown)
  expect(error).toBeInstanceOf(DatabaseError)
  expect(error).toMatchObject({ sqlState, unavailable })
  expect(toDatabaseError(error)).toBe(error)
})
