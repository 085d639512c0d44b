import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const ROOT = new URL('../../../', import.meta.url)
const page = readFileSync(new URL('docs/fault-matrix.md', ROOT), 'utf8')
const ROWS = 35
/** `path`: "title" */
const NAMED = /`([^`\s]+\.(?:test|contract)\.ts)`: "([^"]+)"/g

const named = [...page.matchAll(NAMED)].map(([, file = '', title = '']) => ({ file, title }))
const rows = page.split('\n').filter((line) => /^\| \d+ \|/.test(line))

describe('docs/fault-matrix.md', () => {
  test('has every row of the matrix once, in order', () => {
    expect(rows.map((row) => Number(/\d+/.exec(row)?.[0]))).toEqual(Array.from({ length: ROWS }, (_, i) => i + 1))
  })

  test('names a test in every row, or says that something is missing or comes later', () => {
    const silent = rows.filter((row) => !new RegExp(NAMED).test(row) && !/missing|comes with/.test(row))
    expect(silent).toEqual([])
  })

  test('names only tests that exist', () => {
    expect(named.length).toBeGreaterThan(ROWS)
    const rotten = named.filter(({ file, title }) => {
      const path = fileURLToPath(new URL(file, ROOT))
      // As the source writes it: an apostrophe may stand there as an escape.
      return !existsSync(path) || !readFileSync(path, 'utf8').replaceAll('\\u2019', '\u2019').includes(title)
    })
    expect(rotten).toEqual([])
  })
})
