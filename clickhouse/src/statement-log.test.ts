import { expect, test } from 'vitest'
import { StatementLog, type StatementLogEntry } from './statement-log.ts'

const entry = (orgId: string, text: string): StatementLogEntry => ({
  orgId,
  keyId: null,
  queryId: 'q',
  text,
  startedMs: 0,
  errorCode: null,
  elapsedMs: 1,
  rows: 1,
  bytes: 1,
})

test('an organisation sees its own statements, newest first', () => {
  const log = new StatementLog()
  log.add(entry('a', 'SELECT 1'))
  log.add(entry('b', 'SELECT 2'))
  log.add(entry('a', 'SELECT 3'))
  expect(log.of('a').map((e) => e.text)).toEqual(['SELECT 3', 'SELECT 1'])
  expect(log.of('c')).toEqual([])
})

test('what is kept is bounded: statements, their length, organisations', () => {
  const log = new StatementLog()
  for (let i = 0; i < 150; i++) log.add(entry('a', `SELECT ${i}`))
  expect(log.of('a')).toHaveLength(100)
  expect(log.of('a')[0]?.text).toBe('SELECT 149')
  log.add(entry('a', 'x'.repeat(10_000)))
  expect(log.of('a')[0]?.text).toHaveLength(4_000)
  for (let i = 0; i < 1_000; i++) log.add(entry(`org-${i}`, 'SELECT 1'))
  expect(log.of('a')).toEqual([])
  expect(log.of('org-999')).toHaveLength(1)
})
