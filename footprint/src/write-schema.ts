/** Writes footprint/schema/factor-set.schema.json anew: `npm run schema -w footprint`. */
import { writeFileSync } from 'node:fs'
import { factorSetSchemaText } from './factor-set-schema.ts'

writeFileSync(new URL('../schema/factor-set.schema.json', import.meta.url), factorSetSchemaText())
