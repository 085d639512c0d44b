/** The OpenAPI document as one HTML page: no scripts, nothing loaded, so it works offline and under the strictest policy. */
import { describeOperations, type Operation, type Parameter } from './describe-operations.ts'
import { errorCodeRows } from './error-code-rows.ts'
import type { OpenApiDocument } from './openapi-document.ts'

const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); --soft: color-mix(in srgb, currentColor 7%, transparent) }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1.5rem }
code, pre { font: 0.9em/1.5 ui-monospace, monospace; background: var(--soft); border-radius: 4px; padding: 0.1em 0.3em; overflow-wrap: anywhere }
pre { padding: 0.75rem; overflow: auto }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); padding: 0.4rem 0.6rem 0.4rem 0 }
section { border-top: 1px solid var(--line); margin-top: 2rem } .method { text-transform: uppercase; font-weight: 700 }
summary { cursor: pointer; padding: 0.5rem 0 } nav ul { columns: 2 } @media (max-width: 40rem) { nav ul { columns: 1 } }
`

export function docsPage(document: OpenApiDocument): string {
  const operations = describeOperations(document)
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>Ecomind API</title><style>${STYLE}</style></head><body><main>`,
    `<h1>Ecomind API <small>${escapeHtml(document.info.version)}</small></h1>`,
    paragraphs(document.info.description ?? ''),
    '<p>The same as data: <a href="/v1/openapi.json">/v1/openapi.json</a></p>',
    `<nav aria-label="Endpoints"><ul>${operations.map(navItem).join('')}</ul></nav>`,
    ...operations.map(operationSection),
    `<section><h2 id="errors">Error codes</h2>${errorTable()}</section>`,
    `<section><h2 id="shapes">Shapes</h2>${shapeList(document)}</section>`,
    '</main></body></html>',
  ].join('\n')
}

function navItem(o: Operation): string {
  return `<li><a href="#${o.id}"><span class="method">${o.method}</span> ${escapeHtml(o.path)}</a></li>`
}

function operationSection(o: Operation): string {
  return [
    `<section><h2 id="${o.id}"><span class="method">${o.method}</span> <code>${escapeHtml(o.path)}</code></h2>`,
    `<p><strong>${escapeHtml(o.summary)}</strong>${o.server === null ? '' : ` on <code>${escapeHtml(o.server)}</code>`}</p>`,
    paragraphs(o.description),
    o.parameters.length === 0 ? '' : parameterTable(o.parameters),
    `<h3>Answers</h3><table><tbody>${o.responses
      .map((r) => `<tr><th scope="row">${r.status}</th><td>${inline(r.text)}</td></tr>`)
      .join('')}</tbody></table></section>`,
  ].join('\n')
}

function parameterTable(parameters: readonly Parameter[]): string {
  const rows = parameters.map(
    (p) =>
      `<tr><th scope="row"><code>${escapeHtml(p.name)}</code></th><td>${p.where}${p.required ? ', required' : ''}</td><td>${inline(p.text)}</td></tr>`,
  )
  return `<h3>Parameters</h3><table><tbody>${rows.join('')}</tbody></table>`
}

function errorTable(): string {
  const rows = errorCodeRows().map(
    (r) =>
      `<tr><th scope="row"><code>${r.code}</code></th><td>${r.status}</td><td>${r.retryable ? 'yes' : 'no'}</td><td>${inline(r.meaning)}</td></tr>`,
  )
  return `<table><thead><tr><th>Code</th><th>Status</th><th>Retry helps</th><th>Meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
}

function shapeList(document: OpenApiDocument): string {
  return Object.entries(document.components?.schemas ?? {})
    .map(
      ([name, shape]) =>
        `<details id="shape-${escapeHtml(name)}"><summary><code>${escapeHtml(name)}</code></summary><pre tabindex="0">${escapeHtml(JSON.stringify(shape, null, 2))}</pre></details>`,
    )
    .join('\n')
}

function paragraphs(text: string): string {
  return text
    .split('\n\n')
    .map((p) => `<p>${inline(p)}</p>`)
    .join('')
}

/** Text with `code` in backticks. */
function inline(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>')
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
}
