import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { loadDefaultFactorSet } from '../node.ts'
import { comparisonSection, withComparison } from './comparison-section.ts'

const page = readFileSync(new URL('../../../docs/methodology.md', import.meta.url), 'utf8')
const set = loadDefaultFactorSet()

test('docs/methodology.md has the comparison that the factor set gives; else run npm run generate -w docs', () => {
  expect(page.includes(comparisonSection(set)), 'docs/methodology.md is stale').toBe(true)
})

test('withComparison replaces its part, leaves the rest alone and refuses a page without it', () => {
  const stale = page.replace(/\| gpt-4o, world mix .*\n/, '| old |\n')
  expect(stale).not.toBe(page)
  expect(withComparison(stale, set)).toBe(withComparison(page, set))
  expect(() => withComparison('# Nothing', set)).toThrow(/Write the comparison: no part between/)
})
