import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readYaml } from './locate-fault.ts'

const FOLDER = new URL('../data/', import.meta.url)

/** The reader that knows places decides what a file means; the quick one must see the same. */
describe('reading YAML', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))

  it.each(files)('%s: both readers see the same', (name) => {
    const text = readFileSync(new URL(name, FOLDER), 'utf8')
    expect(readYaml(text)).toEqual({ kind: 'ok', value: parse(text), lineOf: expect.any(Function) })
  })

  it.each([
    'a: 1_000',
    'a: yes',
    'a: 2025-01-01',
    'a: 2025-01-01T10:00:00Z',
    'a: 0o14',
    'a: 014',
    'a: 0x1f',
    'a: 1e3',
    'a: .5',
    'a: +.inf',
    'a: ~',
    'a:',
    'a: 1:30',
    'a: "x\\u00e9"',
    'a: |\n  two\n  lines\n',
    'a: &x [1, 2]\nb: *x',
    '<<: {a: 1}',
    '- 1\n- two\n- null',
    '',
    'plain',
    '1: one',
  ])('%j: both readers see the same', (text) => {
    const read = readYaml(text)
    expect(read.kind === 'ok' ? read.value : read).toEqual(parse(text))
  })

  it.each(['a: 1\na: 2', 'a: [1', '\t- 1', 'a: *x'])('%j: a fault, with its line', (text) => {
    expect(readYaml(text)).toMatchObject({ kind: 'fault', line: expect.any(Number) })
  })

  it('tells the line of a path, or of the nearest thing around it', () => {
    const read = readYaml('a:\n  - b: 1\n  - b: 2\n    c: 3\n')
    if (read.kind !== 'ok') throw new Error(read.message)
    expect([['a', 1, 'c'], ['a', 1, 'd'], ['a', 0], ['x']].map(read.lineOf)).toEqual([4, 3, 2, 1])
  })
})
