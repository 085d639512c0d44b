/** Where docs/api.md is and what must stand in it. */
import { fileURLToPath } from 'node:url'
import { ROUTES } from '../routes.ts'
import { docsMarkdown } from './docs-markdown.ts'
import { openApiDocument } from './openapi-document.ts'

export const API_DOCS_FILE = fileURLToPath(new URL('../../../docs/api.md', import.meta.url))

export function apiDocsText(): string {
  return docsMarkdown(openApiDocument(ROUTES, '1'))
}
