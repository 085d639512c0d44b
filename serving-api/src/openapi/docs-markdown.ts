/** docs/api.md, made from the OpenAPI document. */
import { describeOperations, type Operation } from './describe-operations.ts'
import { errorCodeRows, quarantineReasonRows } from './error-code-rows.ts'
import type { OpenApiDocument } from './openapi-document.ts'

type Shape = NonNullable<NonNullable<OpenApiDocument['components']>['schemas']>[string]

export function docsMarkdown(document: OpenApiDocument): string {
  const operations = describeOperations(document)
  const tags = [...new Set(operations.map((o) => o.tag))]
  return [
    '# API',
    '<!-- Made by `node --import tsx serving-api/src/generate-docs.ts` from the OpenAPI document; do not edit. -->',
    document.info.description ?? '',
    'A running product serves the same as data at `/v1/openapi.json` and as a page at `/docs`.',
    ...tags.flatMap((tag) => [`## ${tag}`, ...operations.filter((o) => o.tag === tag).map((o) => operationText(o))]),
    '## Error codes',
    table(
      ['code', 'status', 'retry helps', 'meaning'],
      errorCodeRows().map((r) => [`\`${r.code}\``, String(r.status), r.retryable ? 'yes' : 'no', r.meaning]),
    ),
    'Codes with status 400 that name one event stand in `rejected` of an ingest answer.',
    '## Reasons of the quarantine',
    table(
      ['reason', 'meaning'],
      quarantineReasonRows().map((r) => [`\`${r.reason}\``, r.meaning]),
    ),
    '## Shapes',
    ...Object.entries(document.components?.schemas ?? {}).map(([name, shape]) => shapeText(name, shape)),
    '',
  ].join('\n\n')
}

function operationText(o: Operation): string {
  const parts = [`### \`${o.method.toUpperCase()} ${o.path}\``, `${o.summary}.`]
  if (o.server !== null) parts.push(`On \`${o.server}\`.`)
  parts.push(o.description)
  if (o.bodyTypes.length > 0) parts.push(`Body: ${o.bodyTypes.map((t) => `\`${t}\``).join(' or ')}.`)
  if (o.parameters.length > 0) {
    parts.push(
      table(
        ['parameter', 'in', 'required', 'meaning'],
        o.parameters.map((p) => [`\`${p.name}\``, p.where, p.required ? 'yes' : '', p.text]),
      ),
    )
  }
  parts.push(
    table(
      ['status', 'answer'],
      o.responses.map((r) => [r.status, r.text]),
    ),
  )
  return parts.join('\n\n')
}

function shapeText(name: string, shape: Shape): string {
  const properties = 'properties' in shape ? (shape.properties ?? {}) : {}
  const required = 'required' in shape ? (shape.required ?? []) : []
  const rows = Object.entries(properties).map(([field, s]) => [
    `\`${field}\``,
    typeText(s),
    required.includes(field) ? '' : 'optional',
    'description' in s ? (s.description ?? '') : '',
  ])
  return [`### ${name}`, table(['field', 'type', '', 'meaning'], rows)].join('\n\n')
}

function typeText(s: Shape): string {
  if ('$ref' in s) return `[${s.$ref.split('/').at(-1)}](#${s.$ref.split('/').at(-1)?.toLowerCase()})`
  if (s.enum !== undefined) return s.enum.map((v) => `\`${String(v)}\``).join(', ')
  const options = s.anyOf ?? s.oneOf
  if (options !== undefined) return options.map(typeText).join(' or ')
  const type = Array.isArray(s.type) ? s.type.join(' or ') : String(s.type ?? 'any')
  return s.type === 'array' && s.items !== undefined ? `array of ${typeText(s.items)}` : type
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
