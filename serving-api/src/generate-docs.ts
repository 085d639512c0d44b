/** Writes docs/api.md. Run: `node --import tsx serving-api/src/generate-docs.ts` */
import { writeFileSync } from 'node:fs'
import { API_DOCS_FILE, apiDocsText } from './openapi/api-docs.ts'

writeFileSync(API_DOCS_FILE, apiDocsText())
