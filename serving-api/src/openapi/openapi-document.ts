/** The OpenAPI 3.1 document, made from the routes themselves, so that it can't say anything else than the code does. */
import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi'
import { ERROR_CODES, type ErrorCode, errorBody } from '@ecomind/schemas'
import { z } from 'zod'
import { readApiConfig } from '../config.ts'
import { idempotencyHeader } from '../http/idempotency.ts'
import type { RouteDocs } from '../http/route.ts'
import { USAGE_ITEMS_MAX } from '../usage/usage-report.ts'
import { EDGE_ROUTES, EDGE_SERVER } from './edge-routes.ts'

export type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>

const DEFAULTS = readApiConfig({})

const INTRODUCTION = [
  'What AI use costs in energy, water and carbon. Metadata only, never prompts.',
  'Times in answers are RFC 3339 in UTC. Periods are half-open: `from` is part of them, `to` is not. Unknown parameters are refused.',
  'kWh are at the meter of the data centre; CO2e is location-based. Low and high are the 5th and 95th percentile.',
  'Every error is `{"error": {"code", "message", "request_id"}}` with a code of the closed list; `X-Request-Id` is in every answer.',
  `Limits: ${DEFAULTS.queryTimeoutMs / 1000} s and ${DEFAULTS.queryMemoryBytes / 2 ** 20} MiB for a question to the database, ${DEFAULTS.requestsMax} questions waiting, ${DEFAULTS.liveConnectionsMax} live connections (all four are settings); ${USAGE_ITEMS_MAX} items of /v1/usage, 1000 items a page of a list, 16 KiB of query string, times from 2000 to 2100.`,
].join('\n\n')

const NO_CONTENT = 204
const IDEMPOTENCY = z.object({ 'Idempotency-Key': idempotencyHeader })
const IDEMPOTENCY_ERRORS: readonly ErrorCode[] = [
  'invalid_parameter',
  'conflict',
  'request_in_progress',
  'idempotency_key_reused',
]

/** `routes` are those of the serving API; the edge's are added with their own server. */
export function openApiDocument(routes: readonly RouteDocs[], version: string): OpenApiDocument {
  const registry = new OpenAPIRegistry()
  for (const route of routes) registerRoute(registry, route)
  for (const route of EDGE_ROUTES) registerRoute(registry, route, [EDGE_SERVER])
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title: 'Ecomind', version, description: INTRODUCTION },
    servers: [{ url: '/', description: 'serving API (API_PORT, 8000)' }],
  })
}

function registerRoute(registry: OpenAPIRegistry, route: RouteDocs, servers?: readonly { url: string }[]): void {
  registry.registerPath({
    method: route.method,
    path: openApiPath(route.path),
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    description: `${route.description}${rightOf(route)}`,
    ...(servers === undefined ? {} : { servers: [...servers] }),
    request: {
      ...(isEmpty(route.query) ? {} : { query: route.query }),
      ...(route.idempotent === undefined ? {} : { headers: IDEMPOTENCY }),
      ...(isEmpty(route.pathParameters) ? {} : { params: route.pathParameters }),
      ...(route.body === null ? {} : { body: { required: true, content: { ...route.body } } }),
    },
    responses: {
      [route.status ?? 200]: {
        description: route.summary,
        ...(route.status === NO_CONTENT ? {} : { content: contentOf(route.answer) }),
      },
      ...errorResponses(route),
    },
  })
}

/** One response per status, with the codes it may carry. */
function errorResponses(route: Documented) {
  const { errors, idempotent, badRequest, errorForm } = route
  const { mediaType = 'application/json', shape = errorBody } = errorForm ?? {}
  const codes = new Set([...errors, ...(idempotent === undefined ? [] : IDEMPOTENCY_ERRORS), ...refusalsOf(route)])
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of codes) {
    const { status } = ERROR_CODES[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [
      status,
      {
        description: list.map((c) => `\`${c}\`: ${ERROR_CODES[c].meaning}`).join('; '),
        content: { [mediaType]: { schema: status === 400 ? (badRequest ?? shape) : shape } },
      },
    ]),
  )
}

function isEmpty(shape: RouteDocs['query']): boolean {
  return Object.keys(shape.shape).length === 0
}

export function openApiPath(path: string): string {
  return path.replace(/:([a-z_]+)/g, '{$1}')
}

function operationId({ method, path }: RouteDocs): string {
  const words = path.split(/[/:_.]+/).filter((w) => w !== '')
  return `${method}_${words.join('_')}`
}

type Documented = RouteDocs & { readonly permission?: string }

/** What whoever has no key, session or right is told, on every route that asks for one. */
function refusalsOf({ permission = 'public' }: Documented): readonly ErrorCode[] {
  if (permission === 'public') return []
  return permission === 'signed-in' ? ['unauthorized'] : ['unauthorized', 'forbidden']
}

function rightOf(route: Documented): string {
  if (route.permission === undefined || route.permission === 'public') return ''
  return route.permission === 'signed-in' ? '\n\nFor every key and session.' : `\n\nRight: \`${route.permission}\`.`
}

function contentOf({ mediaType, shape, otherMediaTypes = [] }: RouteDocs['answer']) {
  const others = otherMediaTypes.map((type) => [type, { schema: { type: 'string' as const } }] as const)
  return { [mediaType]: { schema: shape }, ...Object.fromEntries(others) }
}
