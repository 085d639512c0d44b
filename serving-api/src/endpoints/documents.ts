/** `GET /v1/openapi.json` and `GET /docs`: one document in two forms, made once per process. */
import { z } from 'zod'
import { plainRoute } from '../http/plain-route.ts'
import type { Route } from '../http/route.ts'
import { docsPage } from '../openapi/docs-page.ts'
import { type OpenApiDocument, openApiDocument } from '../openapi/openapi-document.ts'

/** The routes of the document, these two included. */
export function documentRoutes(others: readonly Route[]): readonly Route[] {
  let made: { readonly document: OpenApiDocument; readonly version: string } | undefined
  const documentOf = (version: string): OpenApiDocument => {
    if (made?.version !== version) made = { version, document: openApiDocument([...others, ...routes], version) }
    return made.document
  }
  const routes: readonly Route[] = [
    plainRoute({
      path: '/v1/openapi.json',
      tag: 'Documents',
      summary: 'This document',
      description: 'OpenAPI 3.1.',
      mediaType: 'application/json',
      shape: z.object({ openapi: z.string() }),
      answer: async ({ version }) => ({
        type: 'application/json; charset=utf-8',
        text: JSON.stringify(documentOf(version)),
      }),
    }),
    plainRoute({
      path: '/docs',
      tag: 'Documents',
      summary: 'This document as a page',
      description: 'HTML without scripts; it loads nothing.',
      mediaType: 'text/html',
      shape: z.string(),
      answer: async ({ version }) => ({ type: 'text/html; charset=utf-8', text: docsPage(documentOf(version)) }),
    }),
  ]
  return routes
}
