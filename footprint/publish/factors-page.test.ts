import { readFileSync } from 'node:fs'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { expect, test } from 'vitest'
import { FACTORS_PAGE_FILE, factorsPage } from './factors-page.ts'

test('docs/factors.md is what the factor set says; else run npm run generate -w docs', () => {
  expect(readFileSync(FACTORS_PAGE_FILE, 'utf8') === factorsPage(), 'docs/factors.md is stale').toBe(true)
})

test('every model, grid and source stands in it', () => {
  const page = factorsPage()
  const { models, grids, sources } = loadDefaultFactorSet().definition
  for (const { id } of [...models, ...grids, ...sources]) expect(page).toContain(`| ${id} |`)
})
