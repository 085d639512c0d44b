import { readFileSync } from 'node:fs'
import { ERROR_CODES } from '@ecomind/schemas'
import { describe, expect, test } from 'vitest'
import { ROUTES } from '../routes.ts'
import { API_DOCS_FILE, apiDocsText } from './api-docs.ts'
import { docsPage } from './docs-page.ts'
import { openApiDocument, openApiPath } from './openapi-document.ts'

const document = openApiDocument(ROUTES, '1.2.3')

/** The organisation itself, the asker, documents, and the edge. */
const ASKS_NO_ORGANISATION = /^\/v1\/(?:orgs|edge|audits\/keys|openapi\.json|ingest)/

describe('openApiDocument', () => {
  test('lists every route of the application, and the ingest edge with its own server', () => {
    for (const route of ROUTES) {
      expect(document.paths?.[openApiPath(route.path)]?.[route.method]?.summary).toBe(route.summary)
    }
    expect(document.paths?.['/v1/ingest']?.post?.servers?.[0]?.url).toContain('8080')
  })

  test('every operation has an id of its own and every reference leads somewhere', () => {
    const operations = Object.values(document.paths ?? {}).flatMap((p) =>
      [p.get, p.post].filter((o) => o !== undefined),
    )
    const ids = operations.map((o) => o.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    const known = new Set(Object.keys(document.components?.schemas ?? {}))
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(
      (m) => m[1] ?? '',
    )
    expect(references.length).toBeGreaterThan(20)
    expect(references.filter((r) => !known.has(r))).toEqual([])
  })

  test('every parameter is described, org_id can be given wherever data of an organisation is asked for', () => {
    for (const [path, item] of Object.entries(document.paths ?? {})) {
      const parameters = [...(item.get?.parameters ?? []), ...(item.post?.parameters ?? [])]
      for (const p of parameters) expect('name' in p && p.description, `${path} ${JSON.stringify(p)}`).toBeTruthy()
      // Routes of sign-in are about a browser or about an organisation, and say which themselves.
      if (path.startsWith('/v1/auth/')) continue
      const asksOrg = path.startsWith('/v1/') && !ASKS_NO_ORGANISATION.test(path)
      expect(
        parameters.some((p) => 'name' in p && p.name === 'org_id'),
        path,
      ).toBe(asksOrg)
    }
  })

  test('error responses carry codes of the closed list under their own status', () => {
    const used = [...JSON.stringify(document.paths).matchAll(/"(\d{3})":\{"description":"(`[^"]+)"/g)]
    expect(used.length).toBeGreaterThan(10)
    for (const [, status, text] of used) {
      for (const [, code] of (text ?? '').matchAll(/`([a-z_]+)`:/g)) {
        const spec = Object.entries(ERROR_CODES).find(([name]) => name === code)?.[1]
        expect(spec?.status, code).toBe(Number(status))
      }
    }
  })
})

describe('docs', () => {
  test('docs/api.md is what the document says; else run serving-api/src/generate-docs.ts', () => {
    expect(readFileSync(API_DOCS_FILE, 'utf8')).toBe(apiDocsText())
  })

  test('docs/api.md has every error code', () => {
    const text = apiDocsText()
    for (const code of Object.keys(ERROR_CODES)) expect(text).toContain(`| \`${code}\` |`)
  })

  test('the page escapes what it shows', () => {
    const hostile = { ...document, info: { ...document.info, description: '<script>alert(1)</script>' } }
    expect(docsPage(hostile)).not.toContain('<script>')
  })
})
