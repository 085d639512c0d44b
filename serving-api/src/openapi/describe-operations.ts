/** The operations of an OpenAPI document as plain rows, for the page and for docs/api.md. */
import type { OpenApiDocument } from './openapi-document.ts'

export interface Parameter {
  readonly name: string
  readonly where: string
  readonly required: boolean
  readonly text: string
}

export interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
  /** Null: the serving API. */
  readonly server: string | null
  readonly tag: string
  readonly summary: string
  readonly description: string
  readonly parameters: readonly Parameter[]
  readonly bodyTypes: readonly string[]
  readonly responses: readonly { readonly status: string; readonly text: string }[]
}

type PathItem = NonNullable<OpenApiDocument['paths']>[string]
type OpenApiOperation = NonNullable<PathItem['get']>

export function describeOperations(document: OpenApiDocument): readonly Operation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    (['get', 'post', 'put', 'patch', 'delete'] as const).flatMap((method) => {
      const operation = item[method]
      return operation === undefined ? [] : [describe(method, path, operation)]
    }),
  )
}

function describe(method: string, path: string, o: OpenApiOperation): Operation {
  const body = o.requestBody !== undefined && 'content' in o.requestBody ? Object.keys(o.requestBody.content) : []
  return {
    id: o.operationId ?? '',
    method,
    path,
    server: o.servers?.[0]?.url ?? null,
    tag: o.tags?.[0] ?? '',
    summary: o.summary ?? '',
    description: o.description ?? '',
    parameters: (o.parameters ?? []).flatMap((p) => ('name' in p ? [parameter(p)] : [])),
    bodyTypes: body,
    responses: Object.entries(o.responses ?? {}).map(([status, r]) => ({ status, text: responseText(r) })),
  }
}

function parameter(p: {
  name: string
  in: string
  required?: boolean
  description?: string
  schema?: object
}): Parameter {
  const described = p.schema !== undefined && 'description' in p.schema ? String(p.schema.description) : ''
  const values = p.schema !== undefined && 'enum' in p.schema && Array.isArray(p.schema.enum) ? p.schema.enum : []
  const allowed = values.length === 0 ? '' : `${values.map((v) => `\`${String(v)}\``).join(', ')}. `
  return { name: p.name, where: p.in, required: p.required === true, text: `${allowed}${p.description ?? described}` }
}

function responseText(response: object): string {
  return 'description' in response ? String(response.description) : ''
}
