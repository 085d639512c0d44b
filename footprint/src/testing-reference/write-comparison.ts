/** Writes the comparison with EcoLogits in docs/methodology.md anew: part of `npm run generate -w docs`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { loadDefaultFactorSet } from '../node.ts'
import { withComparison } from './comparison-section.ts'

const page = new URL('../../../docs/methodology.md', import.meta.url)
writeFileSync(page, withComparison(readFileSync(page, 'utf8'), loadDefaultFactorSet()))
