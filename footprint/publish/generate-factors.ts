/** Writes docs/factors.md. Run: npm run generate -w docs */
import { writeFileSync } from 'node:fs'
import { FACTORS_PAGE_FILE, factorsPage } from './factors-page.ts'

writeFileSync(FACTORS_PAGE_FILE, factorsPage())
