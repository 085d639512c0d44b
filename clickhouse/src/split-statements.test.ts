import { describe, expect, test } from 'vitest'
import { splitStatements } from './split-statements.ts'

describe('splitStatements', () => {
  test('cuts at semicolons and drops comments', () => {
    expect(splitStatements('-- a; b\nSELECT 1;\n/* ; */ SELECT 2 ;')).toEqual(['SELECT 1', 'SELECT 2'])
  })

  test('keeps semicolons and dashes inside quotes', () => {
    expect(splitStatements("SELECT ';--', `a;b`, \"c;d\", 'it\\'s;'; SELECT 5 - 3 / 2")).toEqual([
      "SELECT ';--', `a;b`, \"c;d\", 'it\\'s;'",
      'SELECT 5 - 3 / 2',
    ])
  })

  test('nothing gives nothing', () => {
    expect(splitStatements(' ;; -- only a comment')).toEqual([])
  })
})
