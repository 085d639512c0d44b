import { Session } from 'chdb'
import { expect, test } from 'vitest'
import { RETRYABLE_CODES } from './engine-errors.ts'

test('the codes that are worth another try are those of the engine, by number and name', () => {
  const session = new Session()
  const numbers = [...RETRYABLE_CODES.keys()].join(', ')
  const text = `SELECT concat(toString(n), ' ', errorCodeToName(n)) FROM (SELECT arrayJoin([${numbers}]) AS n)`
  const named = session.query(text, 'TabSeparatedRaw').trim().split('\n')
  session.close()
  expect(named).toEqual([...RETRYABLE_CODES].map(([number, name]) => `${number} ${name}`))
})
