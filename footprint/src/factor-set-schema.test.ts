import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { factorSetSchema, factorSetSchemaText } from './factor-set-schema.ts'
import { readFactorFiles } from './node.ts'
import { tinyFiles } from './test-files.ts'

const published = readFileSync(new URL('../schema/factor-set.schema.json', import.meta.url), 'utf8')
/** A validator built from the published text alone, as a stranger's editor would. */
const validator = z.fromJSONSchema(JSON.parse(published))
const accepts = (value: unknown): boolean => validator.safeParse(value).success

describe('the published JSON Schema', () => {
  test('is the one of the code: run `npm run schema -w footprint` after a change', () => {
    expect(published).toBe(factorSetSchemaText())
  })

  test('accepts every file that ships', () => {
    const files = readFactorFiles(fileURLToPath(new URL('../data/', import.meta.url)))
    for (const { name, text } of files) expect([name, accepts(parse(text))]).toEqual([name, true])
  })

  test.each([
    ['a field that does not exist', 'wh_per_1k_out:', 'wh_per_1k_output:'],
    ['a negative number', 'low: 1.3', 'low: -1.3'],
    ['a number without a source', 'high: 2.0, sources: [paper]', 'high: 2.0, sources: []'],
    ['an unknown boundary', 'boundary: it', 'boundary: rack'],
    ['a word that reasoning does not know', 'reasoning: always', 'reasoning: sometimes'],
    ['a date that is none', '"2027-01-01"', 'soon'],
    ['a tier without a letter of its own', 'tier: D', 'tier: F'],
  ])('refuses %s', (_what, from, to) => {
    const [factors] = tinyFiles
    const text = factors?.text ?? ''
    expect(accepts(parse(text))).toBe(true)
    expect(text).toContain(from)
    expect(accepts(parse(text.replace(from, to)))).toBe(false)
  })

  test('names both forms of a quantity', () => {
    expect(JSON.stringify(factorSetSchema())).toContain('"$ref":"#/$defs/quantity"')
    const quantity = z.fromJSONSchema({ ...JSON.parse(published).$defs.quantity })
    expect(quantity.safeParse({ value: 1, sources: ['x'] }).success).toBe(true)
    expect(quantity.safeParse({ low: 1, central: 1, high: 1, sources: ['x'] }).success).toBe(true)
    expect(quantity.safeParse({ low: 1, sources: ['x'] }).success).toBe(false)
  })
})
